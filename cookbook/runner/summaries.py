"""Summaries: reads the last line that a test runner prints."""

import re
from collections.abc import Sequence

# pytest's summary line, and that of Django's own test command.
SUMMARY = re.compile(r"^(?:=+ )?((?:\d+ [a-z]+(?:, )?)+) in [\d.]+s")
COUNTED = {"passed", "failed", "error", "errors", "xfailed", "xpassed"}
UNITTEST = re.compile(r"^Ran (\d+) tests? in ")


def _read(line: str) -> dict[str, int] | None:
    found = SUMMARY.match(line)
    pairs = (pair.split(" ", 1) for pair in found[1].split(", ")) if found else ()
    return {outcome: int(number) for number, outcome in pairs} or None


def count_tests(lines: Sequence[str]) -> int | None:
    """Return how many tests ran, by a test runner's summary line; None if there is none. Skipped ones did not run."""
    for line in reversed(lines):
        if counts := _read(line):
            return sum(number for outcome, number in counts.items() if outcome in COUNTED)
        if found := UNITTEST.match(line):
            return int(found[1])
    return None


def count_passed(lines: Sequence[str]) -> int | None:
    """Return how many tests passed, by pytest's summary line; None if there is none, or if one did not pass."""
    counts = next((counts for line in reversed(lines) if (counts := _read(line))), {})
    wrong = COUNTED - {"passed", "xfailed"}
    return None if wrong & counts.keys() else counts.get("passed")
