"""An excerpt is verified by a run that executed its lines as they are, and by nothing less."""

import pytest

from cookbook.recipe.excerpts import (
    FileLines,
    SuiteEvidence,
    digest_file,
    find_missing,
    forget_suite,
    read_suite,
    write_suite,
)
from cookbook.recipe.manifest import Excerpt
from cookbook.recipe.repository import open_repository


@pytest.fixture
def repository(tmp_path):
    for name in ("conf", "reference_project"):
        (tmp_path / name).mkdir()
    (tmp_path / "conf" / "cookbook.toml").write_text("")
    for name in ("a.py", "b.py"):
        (tmp_path / "reference_project" / name).write_text("A = 1\n")
    return open_repository(tmp_path)


def record(repository, executed=(2, 3, 8), missing=(5, 6)):
    files = {
        name: FileLines(digest=digest_file(repository.reference / name), executed=executed, missing=missing)
        for name in ("a.py", "b.py")
    }
    write_suite(repository.evidence, SuiteEvidence(by="tox", when="2026-11-01T00:00:00+00:00", files=files))


def test_a_file_that_changes_or_goes_is_told_apart_from_the_others(repository):
    record(repository)
    assert (read_suite(repository).changed, read_suite(repository).by) == (frozenset(), "tox")
    (repository.reference / "a.py").write_text("A = 2\n")
    assert read_suite(repository).changed == {"a.py"}
    (repository.reference / "b.py").unlink()
    assert read_suite(repository).changed == {"a.py", "b.py"}


def test_without_a_run_nothing_is_known(repository):
    assert read_suite(repository).files == {}
    record(repository)
    forget_suite(repository.evidence)
    forget_suite(repository.evidence)
    assert read_suite(repository).files == {}


@pytest.mark.parametrize(
    ("first", "last", "missing"),
    [
        (1, 3, ""),
        (7, 9, ""),
        (3, 5, "no test executed line 5 of a.py"),
        (1, 9, "no test executed lines 5, 6 of a.py"),
        (5, 5, "no test executed line 5 of a.py"),
        (4, 4, "it shows no statement of a.py"),
        (9, 12, "it shows no statement of a.py"),
    ],
)
def test_every_statement_must_have_run_and_there_must_be_one(repository, first, last, missing):
    record(repository)
    assert find_missing(Excerpt(path="a.py", first=first, last=last), read_suite(repository)) == missing
