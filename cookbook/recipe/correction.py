"""Correction: an expected output that a page should show instead, and putting it there."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What one block should say.

    :param page: relative to the repository's root.
    :param step: the step's name.
    :param old: the block's text on the page; for a ``testcode``, that of the ``testoutput`` below it.
    :param new: the text that shows what happened.
    """

    page: str
    step: str
    old: str
    new: str


def write_corrections(corrections: Sequence[Correction], path: Path) -> None:
    """Write what one run found."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.encode(corrections))


def read_corrections(folder: Path) -> list[Correction]:
    """Read what all runs found, each correction once."""
    found: dict[Correction, None] = {}
    for path in sorted(folder.glob("*.json")):
        found |= dict.fromkeys(msgspec.json.decode(path.read_bytes(), type=tuple[Correction, ...]))
    return list(found)


def find_disagreeing(corrections: Sequence[Correction]) -> set[tuple[str, str]]:
    """Return page and name of the steps for which variants have found different outputs."""
    wanted: dict[tuple[str, str, str], set[str]] = {}
    for one in corrections:
        wanted.setdefault((one.page, one.step, one.old), set()).add(one.new)
    return {(page, step) for (page, step, _old), texts in wanted.items() if len(texts) > 1}


def correct_page(text: str, correction: Correction) -> str | None:
    """Return a page's source with one block's text replaced, at the block's own indentation.

    :returns: None if the block is not where the step's name says.
    """
    lines = text.splitlines()
    option = f":name: {correction.step}"
    start = next((index + 1 for index, line in enumerate(lines) if line.strip() == option), None)
    old = correction.old.rstrip("\n").splitlines()
    if start is None or not old:
        return None
    first = next(index for index, line in enumerate(old) if line.strip())
    for index in range(start, len(lines) - len(old) + 1):
        line = lines[index + first]
        if not line.endswith(old[first]):
            continue
        prefix = line[: len(line) - len(old[first])]
        if prefix.strip() or not _stands_at(lines, index, old, prefix):
            continue
        new = [f"{prefix}{one}".rstrip() for one in correction.new.rstrip("\n").splitlines()]
        lines[index : index + len(old)] = new
        return "\n".join(lines) + "\n"
    return None


def _stands_at(lines: Sequence[str], index: int, block: Sequence[str], prefix: str) -> bool:
    return all(
        line.rstrip() == f"{prefix}{wanted}".rstrip()
        for line, wanted in zip(lines[index : index + len(block)], block, strict=True)
    )
