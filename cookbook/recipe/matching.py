"""Compares output with what the page shows: literally, but for ``...`` and the table of normalisers."""

import difflib
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ANY_LINES = "..."


@dataclass(frozen=True)
class Normaliser:
    """One kind of value that differs from run to run, and why that is all right.

    :param name: how the table calls it.
    :param pattern: a regular expression for the value.
    :param token: what stands for it in both texts before they are compared.
    :param reason: why two different values may count as equal.
    """

    name: str
    pattern: re.Pattern[str]
    token: str
    reason: str
    matches: tuple[str, ...] = ()
    must_not_match: tuple[str, ...] = ()


def read_normalisers(path: Path) -> tuple[Normaliser, ...]:
    """Read the table ``conf/normalisers.toml``.

    :param path: the file; a missing one is an empty table.
    :returns: the normalisers, in the order of the file.
    """
    if not path.exists():
        return ()
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(
        Normaliser(
            name=row["name"],
            pattern=re.compile(row["pattern"]),
            token=row["token"],
            reason=row["reason"],
            matches=tuple(row.get("matches", ())),
            must_not_match=tuple(row.get("must_not_match", ())),
        )
        for row in table.get("normaliser", ())
    )


def normalise(line: str, normalisers: Sequence[Normaliser]) -> str:
    """Return the line with every value that a normaliser knows replaced by its token."""
    for normaliser in normalisers:
        line = normaliser.pattern.sub(lambda _match, token=normaliser.token: token, line)
    return line.rstrip()


def split_output(text: str) -> list[str]:
    """Return the lines of an output without the blank ones at its end, and without carriage returns."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _line_matches(expected: str, actual: str) -> bool:
    if "..." not in expected:
        return expected == actual
    pattern = ".*".join(re.escape(part) for part in expected.split("..."))
    return re.fullmatch(pattern, actual) is not None


def _match_at(expected: Sequence[str], actual: Sequence[str], start: int, *, whole: bool) -> int | None:
    """Return the index behind the match that begins at ``start``, or None.

    The classic glob algorithm on lines: on a mismatch go back to the last ``...`` and let it take one line more.
    """
    row, column = 0, start
    restart: tuple[int, int] | None = None
    while True:
        if row == len(expected):
            if not whole or column == len(actual):
                return column
        elif expected[row].strip() == ANY_LINES:
            restart = (row + 1, column)
            row += 1
            continue
        elif column < len(actual) and _line_matches(expected[row], actual[column]):
            row += 1
            column += 1
            continue
        if restart is None or restart[1] >= len(actual):
            return None
        restart = (restart[0], restart[1] + 1)
        row, column = restart


def output_matches(expected: Sequence[str], actual: Sequence[str], normalisers: Sequence[Normaliser] = ()) -> bool:
    """Tell whether an output is, as a whole, what was expected.

    :param expected: the lines that the page shows; ``...`` alone stands for any number of lines, within a line for
        any characters.
    :param actual: the lines that came.
    :param normalisers: applied to both before they are compared.
    """
    wanted = [normalise(line, normalisers) for line in expected]
    came = [normalise(line, normalisers) for line in actual]
    return _match_at(wanted, came, 0, whole=True) is not None


def find_lines(
    expected: Sequence[str], log: Sequence[str], start: int = 0, normalisers: Sequence[Normaliser] = ()
) -> int | None:
    """Look for expected lines in a growing log.

    :param expected: the lines to find, one below the other, ``...`` as in :func:`output_matches`.
    :param log: the log's lines so far.
    :param start: the first line to look at.
    :returns: the index of the first line behind the match, or None while it has not come.
    """
    wanted = [normalise(line, normalisers) for line in expected]
    came = [normalise(line, normalisers) for line in log]
    for begin in range(start, len(came) + 1):
        end = _match_at(wanted, came, begin, whole=False)
        if end is not None:
            return end
    return None


def explain_difference(expected: Sequence[str], actual: Sequence[str], normalisers: Sequence[Normaliser] = ()) -> str:
    """Return a diff from what the page shows to what came, after normalising."""
    wanted = [normalise(line, normalisers) for line in expected]
    came = [normalise(line, normalisers) for line in actual]
    return "\n".join(difflib.unified_diff(wanted, came, "expected (the page)", "actual", lineterm="", n=3))
