"""Makes the copy of the reference project once, and runs its examples once."""

from pathlib import Path

import pytest

from .project import Run, make_project, record_examples, run_examples


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the reference project, with its environment."""
    return make_project(tmp_path_factory.mktemp("docstrings"))


@pytest.fixture(scope="session")
def run(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run of all examples as they stand; the site's blocks of examples are judged by it."""
    run = run_examples(project, tmp_path_factory.mktemp("report") / "outcomes.json")
    record_examples(run)
    return run
