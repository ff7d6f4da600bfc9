"""Every row of conf/survivors.toml speaks of a line that a recipe has and that a mutation changes, and says why."""

from dataclasses import replace
from pathlib import Path

import pytest

from cookbook.commands.inventory import refresh
from cookbook.recipe.manifest import Manifest
from cookbook.recipe.repository import open_repository
from cookbook.runner.mutation import Survivor, collect_mutants, read_survivors

REPOSITORY = open_repository(Path(__file__).parent)
SURVIVORS = read_survivors(REPOSITORY.conf)


def find_stale(survivors: tuple[Survivor, ...], manifests: list[Manifest]) -> list[str]:
    """Return the rows that speak of no change of any recipe."""
    mutants = [mutant for mutant, _ in collect_mutants(manifests)]
    return [f"{row.step}: {row.line}" for row in survivors if not any(row.covers(mutant) for mutant in mutants)]


@pytest.fixture(scope="module")
def manifests() -> list[Manifest]:
    """The manifests of all pages, as they are now."""
    return refresh(REPOSITORY).manifests


def test_every_row_speaks_of_a_line(manifests: list[Manifest]) -> None:
    assert SURVIVORS
    assert find_stale(SURVIVORS, manifests) == []


def test_no_row_stands_twice_and_each_says_why() -> None:
    places = [(row.step, row.line.strip()) for row in SURVIVORS]
    assert len(places) == len(set(places))
    assert all(row.reason.strip().endswith(".") for row in SURVIVORS)


def test_row_of_a_line_that_is_gone_is_noticed(manifests: list[Manifest]) -> None:
    gone = [replace(SURVIVORS[0], line="gone"), replace(SURVIVORS[0], step="gone")]
    assert len(find_stale(tuple(gone), manifests)) == 2
