"""Every defect of the original guide has its entry, and what is named as its proof is there."""

import ast
from pathlib import Path

import pytest

from cookbook.recipe.repository import open_repository
from cookbook.sphinx.changes import Change, read_changes

REPOSITORY = open_repository(Path(__file__).parent)
CHANGES = read_changes(REPOSITORY.docs / "explanation" / "changes.toml")
DEFECTS = 87


def find_test(name: str) -> bool:
    """Tell whether a file of tests is there, and the test in it that is named, if one is."""
    path, _, function = name.partition("::")
    file = REPOSITORY.root / path
    if not file.is_file() or not file.name.startswith("test_"):
        return False
    tree = ast.parse(file.read_text(encoding="utf-8"))
    tests = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return function in tests if function else any(one.startswith("test_") for one in tests)


def test_every_number_has_one_entry() -> None:
    assert [change.number for change in CHANGES] == list(range(1, DEFECTS + 1))


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: str(change.number))
def test_proof_is_there(change: Change) -> None:
    pages = REPOSITORY.docs / "how_to"
    for step in change.steps:
        slug, _, name = step.partition("/")
        page = pages / f"{slug}.md"
        assert page.is_file(), f"{change.number}: there is no recipe {slug}"
        assert f":name: {name}\n" in page.read_text(encoding="utf-8"), f"{change.number}: {slug} has no step {name}"
    for test in change.tests:
        assert find_test(test), f"{change.number}: there is no test {test}"


def test_a_closed_defect_has_more_than_words() -> None:
    silent = [one.number for one in CHANGES if not (one.steps or one.tests or one.open)]
    assert silent == [55], "only a sentence that is gone can do without a proof"
