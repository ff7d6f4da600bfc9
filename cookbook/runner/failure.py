"""Failure: why a step or check did not pass, told to the writer of the page."""

SHOWN_LINES = 30


class StepFailure(Exception):  # noqa: N818 - a page's failure, not an error of the engine
    """A step that did not do what its page says; the message is for people and may have several lines."""


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
