"""The table of normalisers: each row replaces what it says, and nothing that it must not."""

from pathlib import Path

import pytest

from cookbook.recipe.matching import normalise, read_normalisers

TABLE = read_normalisers(Path(__file__).parents[3] / "conf" / "normalisers.toml")
MATCHES = [(row, line) for row in TABLE for line in row.matches]
OTHERS = [(row, line) for row in TABLE for line in row.must_not_match]


@pytest.mark.parametrize(("row", "line"), MATCHES, ids=lambda value: getattr(value, "name", value))
def test_it_replaces(row, line):
    assert row.token in normalise(line, [row])
    assert normalise(line, [row]) != line


@pytest.mark.parametrize(("row", "line"), OTHERS, ids=lambda value: getattr(value, "name", value))
def test_it_leaves_alone(row, line):
    assert normalise(line, [row]) == line


def test_every_row_has_a_reason_and_examples_of_both_kinds():
    assert TABLE
    for row in TABLE:
        assert row.reason.endswith("."), row.name
        assert row.matches, row.name
        assert row.must_not_match, row.name
    assert len({row.name for row in TABLE}) == len(TABLE)
