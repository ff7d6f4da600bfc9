"""Failure: why a step or check did not pass, told to the writer of the page."""

from typing import Any

SHOWN_LINES = 30


class StepFailure(Exception):  # noqa: N818 - a page's failure, not an error of the engine
    """A step that did not do what its page says; the message is for people and may have several lines."""


class OutputDiffers(StepFailure):
    """Everything ended as the page says, but printed something else.

    :param old: the text on the page.
    :param new: what the page would have to show.
    :param after: what the step has left: the shell's state and what it did, or the Python examples' results.
    """

    def __init__(self, message: str, old: str, new: str, after: Any) -> None:
        super().__init__(message)
        self.old = old
        self.new = new
        self.after = after


def last_lines(lines: list[str], count: int = SHOWN_LINES) -> str:
    """Return the end of an output, indented, and say so if there is none or something was left out."""
    if not lines:
        return "    (no output)"
    shown = [f"    {line}" for line in lines[-count:]]
    if len(lines) > count:
        shown.insert(0, f"    … ({len(lines) - count} lines above)")
    return "\n".join(shown)


def first_line(message: str | None) -> str:
    """Return what fits into one line of a message."""
    return (message or "").strip().split("\n", 1)[0]


def both_ends(lines: list[str], first: int = 60, last: int = 40) -> str:
    """Return the beginning and the end of an output, indented: a test run shows its first failure far from its end."""
    if len(lines) <= first + last:
        return last_lines(lines, first + last)
    head = "\n".join(f"    {line}" for line in lines[:first])
    left = len(lines) - first - last
    return f"{head}\n    … ({left} lines left out)\n" + last_lines(lines[-last:], last)
