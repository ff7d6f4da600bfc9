"""Runs the examples of a copy of the reference project, in an environment of its own."""

import json
import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from cookbook.recipe.commands import CommandEvidence
from cookbook.recipe.examples import digest_sources, write_examples
from cookbook.recipe.repository import Repository, open_repository
from cookbook.runner.uv import find_uv, make_environment
from cookbook.runner.workspace import copy_project

from .examples import LEFT_OUT, PAGES, list_pages

HERE = Path(__file__).parent
SECONDS = 300


@dataclass(frozen=True)
class Run:
    """What a run of the examples said.

    :param items: one a docstring or page: name, blocks, examples, with_output, skipped, outcome and report.
    :param output: what pytest printed.
    """

    items: list[dict]
    output: str

    def find(self, name: str) -> dict | None:
        """Return what the run says of a module, class or function."""
        return next((item for item in self.items if item["name"] == name), None)


def find_repository() -> Repository:
    """Return the repository that these tests lie in."""
    return open_repository(HERE)


def make_project(folder: Path) -> Path:
    """Copy the reference project, with the environment that its lock describes and pytest-sphinx added."""
    repository = find_repository()
    project = folder / repository.reference.name
    copy_project(repository.reference, project)
    # The pages of the model reference are examples of the project, too.
    for page in list_pages(repository.docs):
        copy = project / PAGES / page.relative_to(repository.docs)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(page.read_bytes())
    uv = find_uv(repository.root)
    make_environment(project, repository.environment or "", uv, repository.build / "cache")
    # The release that this repository's own lock names; pytest itself stays the project's.
    wanted = f"pytest-sphinx=={version('pytest-sphinx')}"
    python = project / ".venv" / "bin" / "python"
    command = [uv, "pip", "install", "--quiet", "--no-deps", "--python", str(python), wanted]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{wanted} could not be added to the project's environment:\n{done.stderr}"
    return project


def locate_in_project(source: Path) -> str:
    """Return where a source of the repository lies in a copy of the project: the pages are in a folder of their own."""
    repository = find_repository()
    if source.is_relative_to(repository.docs):
        return (Path(PAGES) / source.relative_to(repository.docs)).as_posix()
    return source.relative_to(repository.reference).as_posix()


def make_variables() -> dict[str, str]:
    """Return the variables that the project's tests and examples run with.

    A database or broker that the caller's shell names is not what they were written for.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "DJANGO_", "VIRTUAL_"))}
    environment = {key: value for key, value in kept.items() if key not in ("DATABASE_URL", "CELERY_BROKER_URL")}
    return environment | {"PYTHONDONTWRITEBYTECODE": "1"}


def run_examples(project: Path, report: Path, where: str = ".") -> Run:
    """Run examples of a copy of the project.

    :param report: the file that the run writes its outcomes to.
    :param where: the file whose examples are run; all by default.
    """
    command = [str(project / ".venv" / "bin" / "python"), "-m", "pytest", "--doctest-modules", "-p", "examples_plugin"]
    command.append("--doctest-glob=*.rst")
    # The project's own tests have a run of their own: here no file is a file of tests.
    command += ["-p", "no:cacheprovider", "-o", "python_files=", "--ignore-glob=*/tests/*", "--ignore=tests"]
    command += [f"--ignore={path}" for path in sorted(LEFT_OUT)]
    environment = make_variables() | {"PYTHONPATH": str(HERE / "plugin"), "EXAMPLES_REPORT": str(report)}
    report.unlink(missing_ok=True)
    done = subprocess.run(
        [*command, where],
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert report.is_file(), f"pytest gave up before it ran an example:\n{done.stdout}"
    return Run(json.loads(report.read_text(encoding="utf-8")), done.stdout)


def record_examples(run: Run) -> None:
    """Write down for the site how every block of an example ended."""
    repository, when = find_repository(), datetime.now(UTC).isoformat(timespec="seconds")
    records = [
        CommandEvidence(
            command=block,
            outcome="passed" if item["outcome"] == "passed" and not item["skipped"] else "failed",
            by=f"tests/doctests/docstrings/test_docstrings.py::test_example_passes[{item['name']}]",
            when=when,
        )
        for item in run.items
        for block in item["blocks"]
    ]
    write_examples(repository.evidence, digest_sources(repository), records)
