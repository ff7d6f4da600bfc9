"""Every defect of the original has its entry, with a proof that is there; those provoked have their wrong form."""

import ast
from pathlib import Path

import pytest

from cookbook.recipe.repository import open_repository
from cookbook.recipe.wrong_form import WrongForm, read_wrong_forms
from cookbook.sphinx.changes import Change, read_changes

REPOSITORY = open_repository(Path(__file__).parent)
DATA = REPOSITORY.docs / "explanation"
CHANGES = read_changes(DATA / "changes.toml")
HOLES = read_changes(DATA / "holes.toml")
WRONG = read_wrong_forms(DATA / "wrong_forms.toml")
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


@pytest.mark.parametrize("change", CHANGES + HOLES, ids=lambda change: str(change.key))
def test_proof_is_there(change: Change) -> None:
    pages = REPOSITORY.docs / "how_to"
    for step in change.steps:
        slug, _, name = step.partition("/")
        page = pages / f"{slug}.md"
        assert page.is_file(), f"{change.key}: there is no recipe {slug}"
        assert f":name: {name}\n" in page.read_text(encoding="utf-8"), f"{change.key}: {slug} has no step {name}"
    for test in change.tests:
        assert find_test(test), f"{change.key}: there is no test {test}"


def test_a_closed_defect_has_more_than_words() -> None:
    silent = [one.number for one in CHANGES if not (one.steps or one.tests or one.open)]
    assert silent == [55], "only a sentence that is gone can do without a proof"


def test_every_provoked_defect_has_its_wrong_form() -> None:
    assert {form.of for form in WRONG.form} == set(WRONG.provoked)
    assert len(WRONG.provoked) == len(set(WRONG.provoked))
    assert {change.key for change in HOLES} <= set(WRONG.provoked)


@pytest.mark.parametrize("form", WRONG.form, ids=lambda form: str(form.of))
def test_what_a_wrong_form_fails_is_a_proof_of_its_change(form: WrongForm) -> None:
    [change] = [one for one in CHANGES + HOLES if one.key == form.of]
    proofs = change.steps if form.is_of_recipe else change.tests
    assert form.fails in proofs or form.fails.partition("::")[0] in proofs, f"{form.of}: {form.fails} proves nothing"
