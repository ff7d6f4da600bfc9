"""A small site in a temporary folder, built by Sphinx for real."""

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from sphinx.cmd.build import build_main

from cookbook.recipe.coverage import digest_steps
from cookbook.recipe.evidence import Evidence, StepEvidence, write_evidence
from cookbook.recipe.manifest import Inventory, Manifest, read_inventory
from cookbook.recipe.repository import open_repository

CONF = """
project = "test"
extensions = ["myst_parser", "sphinx_tabs.tabs", "sphinx.ext.doctest", "cookbook.sphinx"]
myst_enable_extensions = ["colon_fence"]
html_theme = "basic"
import os
cookbook_require_evidence = os.environ.get("REQUIRE") == "1"
"""
TABS = """
[database]
PostgreSQL = ["postgresql"]
SQLite = []
[broker]
Redis = ["redis"]
RabbitMQ = ["rabbitmq"]
"""


@dataclass
class Built:
    """How a build ended, and its warnings."""

    returncode: int
    stderr: str


@dataclass
class Site:
    """A repository with a site and a tiny reference project."""

    root: Path

    def page(self, text: str, name: str = "guide.md") -> None:
        (self.root / "docs" / "source" / name).write_text(text)

    def build(self, builder: str, *options: str, **environment: str) -> Built:
        """Run sphinx-build in this process: its imports cost more than these small sites."""
        source, build = self.root / "docs" / "source", self.root / "build"
        arguments = ["-q", "--no-color", "-b", builder, "-d", build / "doctrees", *options, source, build / builder]
        stderr = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stderr(stderr):
            for name, value in environment.items():
                patch.setenv(name, value)
            returncode = build_main([str(argument) for argument in arguments])
        return Built(returncode, stderr.getvalue())

    def inventory(self) -> Inventory:
        done = self.build("inventory")
        assert done.returncode == 0, done.stderr
        return read_inventory(self.root / "build" / "inventory")

    def problems(self, name: str = "guide.md") -> list[tuple[int, str, str]]:
        self.inventory()
        return self.read_problems(name)

    def read_problems(self, name: str) -> list[tuple[int, str, str]]:
        problems = json.loads((self.root / "build" / "inventory" / "problems.json").read_text())
        page = f"docs/source/{name}"
        return [(one["line"], one["found"], one["instead"]) for one in problems if one["page"] == page]

    def html(self, name: str = "guide", *options: str, **environment: str) -> str:
        done = self.build("html", *options, **environment)
        assert done.returncode == 0, done.stderr
        return (self.root / "build" / "html" / f"{name}.html").read_text()

    def record(
        self,
        manifest: Manifest,
        outcome: str = "passed",
        *,
        not_run: bool = False,
        failed_check: bool = False,
        **changes: object,
    ) -> None:
        """Leave evidence as a run would that ended so."""
        repository = open_repository(self.root)
        digests = digest_steps(repository, [manifest])[manifest.id]
        steps = tuple(
            StepEvidence(name=step.name, outcome=outcome, duration=0.1, digest=digests[step.name])  # type: ignore[arg-type]
            for step in manifest.steps
        )
        values = {
            "outcome": "passed" if outcome == "passed" else "failed",
            "steps": steps,
            "servers": {"PostgreSQL": "18.6"} if manifest.needs else {},
            "python": "3.11.7",
            "django": "5.2.19",
        } | changes
        if not_run or failed_check:
            values["outcome"] = "not_run" if not_run else "failed"
        write_evidence(
            Evidence(
                id=manifest.id,
                slug=manifest.slug,
                variant=manifest.variant,
                digest=digests[manifest.steps[-1].name],
                started="2026-01-02T03:04:05Z",
                **values,  # type: ignore[arg-type]
            ),
            repository.evidence,
        )


def make_site(tmp_path: Path) -> Site:
    """Lay out a repository with a site that has no guide yet."""
    for folder in ("conf", "docs/source", "reference_project/apps"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "conf" / "cookbook.toml").write_text('reference = "reference_project"\n')
    (tmp_path / "conf" / "tabs.toml").write_text(TABS)
    (tmp_path / "docs" / "source" / "conf.py").write_text(CONF)
    (tmp_path / "docs" / "source" / "index.md").write_text("# Site\n\n```{toctree}\n:glob:\n\n*\n```\n")
    (tmp_path / "reference_project" / "settings.py").write_text("A = 1\nB = 2\nC = 3\n")
    return Site(tmp_path)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path)
