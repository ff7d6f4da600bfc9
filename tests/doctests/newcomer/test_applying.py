"""Every recipe is carried onto a renamed copy of the project; and pairs of recipes in both orders, or refused."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from cookbook.recipe.manifest import Manifest, read_inventory

from .documents import REPOSITORY
from .shop import git, make_shop

# Commands of a recipe that files depend on; `cookbook apply` lists them, and its reader runs them.
COMMANDS = {"remove_the_example_app": ["git rm -r --quiet apps/documents"]}
# Their settings name a server that does not run here, and the system check asks it; all else is looked at.
ELSEWHERE = {f"spell_the_database_out[database={name}]" for name in ("MariaDB", "PostgreSQL")}
PAIRS = [
    ("add_logs", "customize_api_errors"),
    ("add_logs", "route_celery_tasks[broker=Redis]"),
    ("change_the_database[database=MariaDB]", "replace_redis_with_rabbitmq"),
    ("change_the_database[database=PostgreSQL]", "route_celery_tasks[broker=Redis]"),
    ("customize_api_errors", "document_the_api"),
    ("configure_with_environment_variables", "add_logs"),
    ("customize_ansible_variables", "add_an_app_of_your_own"),
    ("add_an_app_of_your_own", "add_logs"),
    ("test_on_several_pythons_and_databases[database=PostgreSQL]", "document_the_api"),
    ("upgrade_to_django_6_1", "replace_redis_with_rabbitmq"),
]


@cache
def list_manifests() -> dict[str, Manifest]:
    """The manifests of all recipes that act on a project, by id."""
    command = [sys.executable, "-m", "cookbook", "list", "--json"]
    subprocess.run(command, cwd=REPOSITORY.root, capture_output=True, check=True)
    manifests = read_inventory(REPOSITORY.inventory).manifests
    return {one.id: one for one in manifests if one.workspace == "project"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project under another name, committed."""
    return make_shop(tmp_path_factory.mktemp("shop") / "shop")


@pytest.fixture
def project(shop: Path, tmp_path: Path) -> Path:
    """A copy of it, for one test."""
    return Path(shutil.copytree(shop, tmp_path / "shop"))


def apply(identity: str, project: Path) -> subprocess.CompletedProcess[str]:
    """Apply a variant, run what its files depend on, and commit."""
    slug, _, variant = identity.removesuffix("]").partition("[")
    command = [sys.executable, "-m", "cookbook", "apply", slug, str(project)]
    command += ["--repository", str(REPOSITORY.root), "--inventory", str(REPOSITORY.inventory)]
    command += ["--variant", variant] if variant else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        for line in COMMANDS.get(slug, ()):
            subprocess.run(line.split(), cwd=project, check=True)
        git(project, "add", "--all")
        git(project, "commit", "--quiet", "--allow-empty", "--message", slug)
    return done


def check(project: Path, *identities: str) -> None:
    """Ask the project's own check and its linter, under its own name."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("DJANGO_", "DATABASE_", "CELERY_"))}
    commands = [["manage.py", "check"], ["-m", "ruff", "check", "--quiet", "--select", "E9,F", "."]]
    if any(one in ELSEWHERE for one in identities):
        commands = commands[1:]
    for command in commands:
        done = subprocess.run(
            [sys.executable, *command], cwd=project, env=kept, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("identity", sorted(list_manifests()))
def test_every_recipe_fits_a_renamed_project(identity: str, project: Path) -> None:
    done = apply(identity, project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The package is shop." in done.stdout or "changes no file" in done.stdout
    check(project, identity)


@pytest.mark.parametrize("pair", [*PAIRS, *[pair[::-1] for pair in PAIRS]], ids=" then ".join)
def test_a_pair_fits_in_both_orders(pair: tuple[str, str], project: Path) -> None:
    for identity in pair:
        done = apply(identity, project)
        assert done.returncode == 0, done.stdout + done.stderr
    check(project)


def test_recipes_that_change_the_same_lines_are_told_apart(project: Path) -> None:
    slugs = ("add_an_app_of_your_own", "remove_the_example_app")
    for first, second in (slugs, slugs[::-1]):
        git(project, "checkout", "--quiet", "--detach", "main")
        assert apply(first, project).returncode == 0
        before = git(project, "rev-parse", "HEAD")
        done = apply(second, project)
        assert done.returncode == 1
        assert "You and the recipe change the same lines." in done.stderr and "What to do" in done.stderr
        assert git(project, "rev-parse", "HEAD") == before and not git(project, "status", "--porcelain")


@pytest.mark.parametrize("order", [1, -1])
def test_what_excludes_another_is_refused_with_the_reason(order: int, project: Path) -> None:
    first, second = ("change_the_database", "spell_the_database_out")[::order]
    assert apply(f"{first}[database=MariaDB]", project).returncode == 0
    before = git(project, "rev-parse", "HEAD")
    done = apply(f"{second}[database=MariaDB]", project)
    assert done.returncode == 2
    assert f"{first}[database=MariaDB] has been applied" in done.stderr and "Take that back first" in done.stderr
    assert git(project, "rev-parse", "HEAD") == before and not git(project, "status", "--porcelain")
