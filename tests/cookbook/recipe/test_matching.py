"""Outputs: literal but for the dots and the normalisers."""

import re

import pytest

from cookbook.recipe.matching import Normaliser, explain_difference, find_lines, output_matches, split_output

SECONDS = Normaliser("seconds", re.compile(r"\b\d+\.\d\ds\b"), "<seconds>", "Times differ.")


@pytest.mark.parametrize(
    ("expected", "actual", "matches"),
    [
        (["a"], ["a"], True),
        (["a"], ["A"], False),
        (["a"], ["a", "b"], False),
        (["a", "b"], ["a"], False),
        ([], [], True),
        ([], ["a"], False),
        (["a", "..."], ["a"], True),
        (["a", "..."], ["a", "b", "c"], True),
        (["...", "c"], ["a", "b", "c"], True),
        (["...", "c"], ["a", "c", "d"], False),
        (["a", "...", "c", "...", "e"], ["a", "b", "c", "d", "e"], True),
        (["a", "...", "b", "...", "b"], ["a", "b", "b"], True),
        (["a", "...", "b", "...", "b"], ["a", "b"], False),
        (["took ... seconds"], ["took 3 seconds"], True),
        (["took ... seconds"], ["took 3 minutes"], False),
        (["took (...)"], ["took (3)"], True),
        (["a.c"], ["abc"], False),
    ],
)
def test_whole_output(expected: list[str], actual: list[str], matches: bool) -> None:
    assert output_matches(expected, actual) is matches


def test_normalisers_work_on_both_sides() -> None:
    assert output_matches(["3 passed in 0.52s"], ["3 passed in 1.04s"], [SECONDS])
    assert not output_matches(["3 passed in 0.52s"], ["4 passed in 0.52s"], [SECONDS])
    assert not output_matches(["3 passed in 0.52s"], ["3 passed in 1.04s"])


def test_lines_are_found_in_a_log_below_a_place() -> None:
    log = ["start", "ready", "work", "ready"]
    assert find_lines(["ready"], log) == 2
    assert find_lines(["ready"], log, start=2) == 4
    assert find_lines(["ready", "work"], log) == 3
    assert find_lines(["ready", "start"], log) is None
    assert find_lines(["start", "...", "work"], log) == 3


def test_difference_is_told_after_normalising() -> None:
    told = explain_difference(["1 passed in 0.52s", "a"], ["1 passed in 1.04s", "b"], [SECONDS])
    assert "-a" in told
    assert "+b" in told
    assert "1.04s" not in told


def test_output_is_split_without_the_blank_end() -> None:
    assert split_output("a\r\n\nb  \n\n") == ["a", "", "b"]
