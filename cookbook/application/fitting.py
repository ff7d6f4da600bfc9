"""Fitting: applies an edit straight to the reader's file, where a command makes the file and so there is no base."""

from ..recipe.patch import Hunk, Patch


def _places(wanted: list[str], lines: list[str]) -> list[int]:
    size = len(wanted)
    return [at for at in range(len(lines) - size + 1) if lines[at : at + size] == wanted]


def _is_in(hunk: Hunk, lines: list[str]) -> bool:
    """Tell whether a hunk has been applied: its result is there, and what it starts from is not, or only within it."""
    if not hunk.new:
        return not _places(hunk.old, lines)
    if not _places(hunk.new, lines):
        return False
    return not hunk.old or bool(_places(hunk.old, hunk.new)) or not _places(hunk.old, lines)


def fit(text: str, patch: Patch) -> str:
    """Return the text with those hunks applied that are not in it yet.

    :raises PatchError: if a hunk is not in it and fits nowhere, or several places.
    """
    lines = text.split("\n")
    pending = tuple(hunk for hunk in patch.hunks if not _is_in(hunk, lines))
    return Patch(patch.path, pending).apply(text) if pending else text
