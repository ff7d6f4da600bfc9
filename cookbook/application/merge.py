"""Merge: joins what a recipe changes with what the reader has changed, three-way, the reference being the base."""

import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MARKERS = re.compile(r"<+|\|+|=+|>+")


class MergeError(Exception):
    """Git could not merge at all; the message is its own."""


@dataclass(frozen=True)
class Region:
    """A place where both sides changed the same lines in different ways.

    :param line: the reader's first line there, counted from 1.
    :param yours: the reader's lines.
    :param base: the reference project's lines.
    :param recipe: the lines that the recipe makes of them.
    """

    line: int
    yours: tuple[str, ...]
    base: tuple[str, ...]
    recipe: tuple[str, ...]

    @property
    def settled(self) -> bool:
        """Whether the reader's side already holds all that the recipe does here, and something of its own besides."""
        added = [line for line in self.recipe if line not in self.base and line.strip()]
        removed = [line for line in self.base if line not in self.recipe and line.strip()]
        size = len(self.recipe)
        inside = any(self.yours[at : at + size] == self.recipe for at in range(len(self.yours) - size + 1))
        return bool(added) and inside and not any(line in self.yours for line in removed)


@dataclass(frozen=True)
class Merged:
    """What merging gave: the text, or the places where it could not be."""

    lines: str
    conflicts: tuple[Region, ...] = ()


def _merge_file(yours: str, base: str, recipe: str, *options: str) -> tuple[int, str]:
    """Run ``git merge-file``; return how many conflicts there are, and its output."""
    with tempfile.TemporaryDirectory(prefix="cookbook-") as folder:
        paths = []
        for name, lines in (("yours", yours), ("base", base), ("recipe", recipe)):
            path = Path(folder) / name
            path.write_bytes(lines.encode())
            paths.append(str(path))
        done = subprocess.run(
            ["git", "merge-file", "-p", *options, *paths],
            capture_output=True,
            check=False,
            cwd=folder,  # no repository there whose attributes or settings could have a say
        )
    if done.returncode > 127:
        raise MergeError(done.stderr.decode(errors="replace").strip())
    return done.returncode, done.stdout.decode()


def _split(text: str, size: int) -> tuple[str, list[Region]]:
    """Take a ``--diff3`` output apart: settled places keep the reader's lines, the others become regions."""
    marks = {sign * size: sign for sign in "<|=>"}
    kept: list[str] = []
    regions = []
    sides: dict[str, list[str]] = {}
    current = ""
    for line in text.split("\n"):
        sign = marks.get(line[:size], "")
        if sign == "<":
            current, sides = "<", {"<": [], "|": [], "=": []}
        elif sign == ">" and current:
            region = Region(len(kept) + 1, tuple(sides["<"]), tuple(sides["|"]), tuple(sides["="]))
            if not region.settled:
                regions.append(region)
            kept += region.yours
            current = ""
        elif sign and current:
            current = sign
        elif current:
            sides[current].append(line)
        else:
            kept.append(line)
    return "\n".join(kept), regions


def _merge_once(yours: str, base: str, recipe: str) -> Merged:
    conflicts, lines = _merge_file(yours, base, recipe)
    if not conflicts:
        return Merged(lines)
    # Markers longer than anything like them in the texts (a heading's underline), so that no content passes for one.
    size = 7 + max((len(run) for text in (yours, base, recipe) for run in MARKERS.findall(text)), default=0)
    _, marked = _merge_file(yours, base, recipe, "--diff3", f"--marker-size={size}")
    lines, regions = _split(marked, size)
    return Merged(lines, tuple(regions))


def _holds(yours: str, base: str, final: str) -> bool:
    """Tell whether the reader's version has the recipe's change already: taken back and made again, it is the same.

    Merging alone does not always see that, where lines repeat: the second time it may count another one as added.
    """
    undone = _merge_once(yours, final, base)
    if undone.conflicts or undone.lines == yours:
        return False
    again = _merge_once(undone.lines, base, final)
    return not again.conflicts and again.lines == yours


def _merge_states(yours: str, states: Sequence[str]) -> Merged:
    final = states[-1]
    first = _merge_once(yours, states[0], final)
    if not first.conflicts and first.lines == yours:
        return first
    if _holds(yours, states[0], final):
        return Merged(yours)
    if not first.conflicts:
        return first
    for state in states[1:-1]:
        before = _merge_once(yours, states[0], state)
        if before.conflicts or before.lines != yours:
            continue
        later = _merge_once(yours, state, final)
        if not later.conflicts:
            return later
    return first


def merge(yours: str, states: Sequence[str]) -> Merged:
    """Carry the way from the first state of a file to its last onto the reader's version of it.

    The reader may have some of the steps already. If merging with the first state as base meets a conflict, each
    later state is tried as base, provided that all of its steps are in the reader's file to begin with.

    :param yours: the reader's lines.
    :param states: the file in the reference project, then after each step that changes it; at least two.
    :returns: the lines that both sides lead to, and from which merging again leads nowhere else; with conflicts they
        are not to be used.
    :raises MergeError: if git refuses the content.
    """
    merged = _merge_states(yours, states)
    if merged.conflicts or merged.lines == yours:
        return merged
    again = _merge_states(merged.lines, states)
    if again.conflicts or again.lines != merged.lines:
        # Applied twice it would change again: the recipe's lines and the reader's cannot be told apart.
        return Merged(merged.lines, again.conflicts or (_whole_change(yours, states),))
    return merged


def _whole_change(yours: str, states: Sequence[str]) -> Region:
    """Return everything that the recipe changes as one region, where no smaller one can be named."""
    base, final = states[0].splitlines(), states[-1].splitlines()
    start = 0
    while start < min(len(base), len(final)) and base[start] == final[start]:
        start += 1
    end = 0
    while end < min(len(base), len(final)) - start and base[-1 - end] == final[-1 - end]:
        end += 1
    lines = yours.splitlines()
    return Region(
        min(start + 1, max(len(lines), 1)),
        tuple(lines[start : max(len(lines) - end, start)]),
        tuple(base[start : len(base) - end]),
        tuple(final[start : len(final) - end]),
    )
