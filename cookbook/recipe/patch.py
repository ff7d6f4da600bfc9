"""Unified diffs: read one, apply it strictly, and say which lines it leaves."""

import difflib
import re
from dataclasses import dataclass

from .problem import RecipeError

HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@(.*)$")
NO_NEWLINE = "\\ No newline at end of file"


class PatchError(RecipeError):
    """A diff that does not fit the file; names the file, the hunk and the nearest lines."""


@dataclass(frozen=True)
class Hunk:
    """One hunk: where it starts in the old file (from 1), and its lines with their first character."""

    header: str
    start: int
    lines: tuple[str, ...]

    @property
    def old(self) -> list[str]:
        """The lines that must be there."""
        return [line[1:] for line in self.lines if line[0] in " -"]

    @property
    def new(self) -> list[str]:
        """The lines that take their place."""
        return [line[1:] for line in self.lines if line[0] in " +"]


@dataclass(frozen=True)
class Patch:
    """A diff of one file."""

    path: str
    hunks: tuple[Hunk, ...]

    def apply(self, text: str) -> str:
        """Return the file's text with the patch applied.

        Every context and removed line must be there, to the letter. A hunk may stand at another line than its header
        says, as long as it fits one place only.

        :raises PatchError: if a hunk fits nowhere, or several places and not the one it names.
        """
        lines = text.split("\n")
        shift = 0
        for number, hunk in enumerate(self.hunks, 1):
            # A hunk that only adds, without context, names the line that it stands behind.
            start = hunk.start - 1 if hunk.old else hunk.start
            at = self._place(hunk, lines, start + shift, number)
            lines[at : at + len(hunk.old)] = hunk.new
            shift = at - start + len(hunk.new) - len(hunk.old)
        return "\n".join(lines)

    def result(self) -> str:
        """Return the resulting lines that the page offers: what stands at each hunk once it is applied."""
        return "\n\n".join("\n".join(hunk.new) for hunk in self.hunks) + "\n"

    def _place(self, hunk: Hunk, lines: list[str], wanted: int, number: int) -> int:
        old = hunk.old
        if not old:
            return min(wanted, len(lines))
        if lines[wanted : wanted + len(old)] == old:
            return wanted
        places = [at for at in range(len(lines) - len(old) + 1) if lines[at : at + len(old)] == old]
        if len(places) == 1:
            return places[0]
        where = f"Hunk {number} of {len(self.hunks)} ({hunk.header}) does not apply to {self.path}:"
        if places:
            rows = ", ".join(str(at + 1) for at in places)
            raise PatchError(
                f"{where} its lines occur {len(places)} times, at lines {rows}.",
                "Give it more context, or the right line in its header.",
            )
        raise PatchError(f"{where} {_nearest(old, lines)}", "Make its context and removed lines equal the file's.")


def _nearest(old: list[str], lines: list[str]) -> str:
    """Describe the place of a file that is most like what a hunk looks for."""

    def likeness(at: int) -> float:
        pairs = zip(old, lines[at : at + len(old)], strict=False)
        return sum(difflib.SequenceMatcher(None, one, two).ratio() for one, two in pairs)

    best = max(range(max(len(lines) - len(old) + 1, 1)), key=likeness)
    shown = []
    for number, wanted in enumerate(old):
        at = best + number
        found = lines[at] if at < len(lines) else None
        if found == wanted:
            shown.append(f"    {at + 1:4}   {wanted}")
        else:
            shown.append(f"    {at + 1:4} - {wanted}   (the diff)")
            shown.append(f"    {at + 1:4} + {'<end of file>' if found is None else found}   (the file)")
    return f"the nearest lines start at line {best + 1}:\n" + "\n".join(shown) + "\n"


def _hunk_lines(lines: list[str], index: int, header: str, old: int, new: int) -> tuple[list[str], int]:
    taken: list[str] = []
    while index < len(lines) and (old > 0 or new > 0):
        line = lines[index] or " "  # editors strip the blank of an empty context line
        mark = line[0]
        if mark not in " +-":
            break
        old -= mark in " -"
        new -= mark in " +"
        taken.append(line)
        index += 1
    if index == len(lines) and old == new and taken:
        # Markup drops blank lines at the end of a block; here they are context.
        taken += [" "] * old
        old = new = 0
    if old or new:
        raise RecipeError(
            f"The hunk {header!r} announces more or fewer lines than follow it.",
            "Make the counts in its header those of its lines (`git diff` writes them right).",
        )
    if index < len(lines) and lines[index] == NO_NEWLINE:
        raise RecipeError(f"{NO_NEWLINE!r} in a diff.", "Let both versions of the file end with a line break.")
    return taken, index


def parse_patch(path: str, body: str) -> Patch:
    """Parse the body of an ``edit`` block.

    :param path: the file that the block names; the diff must name the same.
    :param body: a unified diff that starts with its ``diff --git`` line.
    :returns: the patch.
    :raises RecipeError: if the body is no such diff.
    """
    lines = body.rstrip("\n").split("\n")
    if lines[:1] != [f"diff --git a/{path} b/{path}"]:
        raise RecipeError(
            f"The diff starts with {lines[0]!r}.",
            f"Start it with `diff --git a/{path} b/{path}`: a block that starts with `---` is read as options.",
        )
    if lines[1:3] != [f"--- a/{path}", f"+++ b/{path}"]:
        raise RecipeError(
            f"The diff's header is {lines[1:3]!r}.", f"Write `--- a/{path}` and `+++ b/{path}` below its first line."
        )
    hunks = []
    index = 3
    while index < len(lines):
        match = HUNK.match(lines[index])
        if not match:
            raise RecipeError(f"{lines[index]!r} is no hunk header.", "Write `@@ -start,count +start,count @@`.")
        header = lines[index]
        old = int(match[2] if match[2] is not None else 1)
        new = int(match[4] if match[4] is not None else 1)
        taken, index = _hunk_lines(lines, index + 1, header, old, new)
        if not any(line[0] in "+-" for line in taken):
            raise RecipeError(f"The hunk {header!r} changes nothing.", "Add or remove a line, or leave it out.")
        hunks.append(Hunk(header, int(match[1]), tuple(taken)))
    if not hunks:
        raise RecipeError("The diff has no hunk.", "Write at least one `@@ … @@` with the lines that change.")
    return Patch(path, tuple(hunks))
