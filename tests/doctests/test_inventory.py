"""Compares, both ways, what the pages have with what was run: no recipe is forgotten, and none is made up."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cookbook.recipe.evidence import read_evidence
from cookbook.recipe.repository import open_repository

REPOSITORY = open_repository(Path(__file__).parent)


@pytest.fixture(scope="module")
def listed() -> set[str]:
    """The manifest ids that `cookbook list --json` names."""
    command = [sys.executable, "-m", "cookbook", "list", "--json"]
    done = subprocess.run(command, cwd=REPOSITORY.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {name for recipe in json.loads(done.stdout) for name in recipe["ids"]}


def test_there_are_recipes(listed: set[str]) -> None:
    slugs = {name.partition("[")[0] for name in listed}
    pages = {path.stem for path in (REPOSITORY.docs / "how_to").glob("*.md")}
    assert slugs == pages
    assert slugs, "no page is a recipe"


def test_evidence_is_of_these_recipes_and_no_others(listed: set[str]) -> None:
    found = set(read_evidence(REPOSITORY.evidence))
    assert found == listed, (
        f"never run: {', '.join(sorted(listed - found)) or 'none'}; "
        f"run, but on no page: {', '.join(sorted(found - listed)) or 'none'}. Run them: cookbook verify"
    )


def test_nothing_that_ran_has_failed() -> None:
    failed = [name for name, one in read_evidence(REPOSITORY.evidence).items() if one.outcome == "failed"]
    assert not failed, f"these failed: {', '.join(sorted(failed))}"


def test_nothing_was_left_out() -> None:
    left_out = [name for name, one in read_evidence(REPOSITORY.evidence).items() if one.outcome == "not_run"]
    if left_out and not os.environ.get("CI"):
        pytest.skip(f"Not run, for lack of a server on this machine: {', '.join(sorted(left_out))}.")
    assert not left_out, f"CI must run everything, but these were not run: {', '.join(sorted(left_out))}"
