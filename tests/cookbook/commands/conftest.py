"""Fixtures: a repository with two recipes, a reader's project, and a way to type commands."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from cookbook.application.project import Project
from cookbook.commands import app
from cookbook.recipe.repository import Repository

from ..application.bench import make_manifest, make_project, make_repository, make_step


def make_manifests() -> list:
    """Return a recipe without variants, and one with three."""
    edit = make_step("file", "add", "x = 1", path="cookiecutter/x.py")
    variants = [
        make_manifest(
            make_step("file", "add", f"x = {database!r}", path="cookiecutter/x.py"),
            *([make_step("run", "only-here", "$ true")] if database == "MariaDB" else []),
            slug="store",
            title="Store it",
            page="docs/source/how_to/store.md",
            variant={"database": database, "broker": broker},
            needs=(database.lower(),),
            first=database == "PostgreSQL",
        )
        for database, broker in (("PostgreSQL", "Redis"), ("MariaDB", "Redis"), ("MariaDB", "RabbitMQ"))
    ]
    site = make_manifest(edit, slug="site", title="Change the site", workspace="site", needs=())
    return [make_manifest(), *variants, site]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return make_repository(tmp_path / "checkout", make_manifests())


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path / "mine")


@pytest.fixture
def type_command(repository: Repository) -> Callable[..., Result]:
    """Return a function that runs `cookbook` with arguments on the repository and its ready inventory."""

    def run(*arguments: object) -> Result:
        common = ["--repository", str(repository.root), "--inventory", str(repository.inventory)]
        return CliRunner().invoke(app, [*map(str, arguments), *common], catch_exceptions=False)

    return run
