"""The reference project's tests pass, and what they executed is what the site's excerpts are judged by."""

from dataclasses import replace
from pathlib import Path

import pytest

from cookbook.recipe.excerpts import FILE, digest_file, read_suite
from cookbook.recipe.repository import Repository, open_repository

from .suite import PAIR, Run, digest_sources, find_repository, read_lines, record_run, run_suite

REPOSITORY = find_repository()
REPORT = {"files": {"a.py": {"executed_lines": [1, 2, 5], "missing_lines": [3], "excluded_lines": [5, 7]}}}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run of all tests, recorded for the site."""
    run = run_suite(REPOSITORY.reference, tmp_path_factory.mktemp("report") / "coverage.json")
    record_run(REPOSITORY, run)
    return run


def test_project_tests_pass(run: Run) -> None:
    assert run.status == 0, f"the reference project's own tests failed:\n{run.output}"


def test_record_is_of_the_files_as_they_are(run: Run) -> None:
    suite = read_suite(REPOSITORY)
    assert suite.files, f"the run left no record:\n{run.output}"
    assert not suite.changed


def test_record_knows_every_module_that_pages_may_show(run: Run) -> None:
    expected = {
        path
        for path in run.digests
        if path.split("/")[0] in ("apps", "cookiecutter") and not {"tests", "migrations"} & set(path.split("/"))
    }
    known = read_suite(REPOSITORY).files
    assert expected - set(known) == set(), "coverage.py did not look at these"


def test_every_statement_is_executed_or_missing(run: Run) -> None:
    lines = read_lines(run)
    assert lines, run.output
    for path, told in run.report["files"].items():
        counted = set(told["executed_lines"]) | set(told["missing_lines"])
        assert len(counted) == told["summary"]["num_statements"], path
        assert not set(lines[path].executed) & set(lines[path].missing), path


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository whose project is one file, which a run has executed."""
    for name in ("conf", "reference_project"):
        (tmp_path / name).mkdir()
    (tmp_path / "conf" / "cookbook.toml").write_text("")
    (tmp_path / "reference_project" / "a.py").write_text("A = 1\n")
    return open_repository(tmp_path)


@pytest.fixture
def passed(repository: Repository) -> Run:
    """A run that passed."""
    return Run(0, digest_sources(repository.reference), REPORT, "")


def test_passing_run_is_recorded(repository: Repository, passed: Run) -> None:
    assert record_run(repository, passed)
    lines = read_suite(repository).files["a.py"]
    assert (lines.executed, lines.missing) == ((1, 2, 5), (3, 7))
    assert lines.digest == digest_file(repository.reference / "a.py")


@pytest.mark.parametrize("changed", [{"status": 1}, {"report": {}}, {"digests": {"a.py": "another"}}])
def test_any_other_run_forgets_the_one_before(repository: Repository, passed: Run, changed: dict) -> None:
    record_run(repository, passed)
    assert not record_run(repository, replace(passed, **changed))
    assert not (repository.evidence / FILE).exists()
    assert read_suite(repository).files == {}


TOX = f"""[tox]
env_list = {PAIR}
[testenv]
package = skip
deps =
    pytest
    pytest-cov
commands = pytest -q {{posargs}}
"""


def test_only_passing_tests_leave_a_report(tmp_path: Path) -> None:
    """The real thing, on a project of one test: pytest-cov says nothing of a run in which one has failed."""
    project = tmp_path / "reference_project"
    project.mkdir()
    (project / "tox.ini").write_text(TOX)
    for condition, status, files in (("True", 0, {"test_a.py"}), ("False", 1, set())):
        (project / "test_a.py").write_text(f"def test_a():\n    assert {condition}\n")
        run = run_suite(project, tmp_path / f"{condition}.json")
        assert run.status == status, run.output
        assert set(run.report.get("files", {})) == files, run.output
