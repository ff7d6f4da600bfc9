"""Reads a console session: prompts, commands, the output that is expected, the exit status."""

import re
from dataclasses import dataclass

from .problem import RecipeError

PROMPT = "$ "
CONTINUATION = "> "
EXIT_STATUS = re.compile(r"^\[(\d{1,3})\]$")


@dataclass(frozen=True)
class Command:
    """One command of a session.

    :param text: what the shell is given, without prompts; several lines for a continued command.
    :param expected: the lines of output that must appear, standard error included.
    :param status: the exit status that must result.
    :param offset: the line of the command within the session, counted from 0.
    """

    text: str
    expected: tuple[str, ...]
    status: int
    offset: int


def refuse_empty_expectation(lines: list[str] | tuple[str, ...]) -> None:
    """Refuse an expectation that everything would satisfy.

    :raises RecipeError: if there are lines and all of them are only ``...``.
    """
    shown = [line for line in lines if line.strip()]
    if shown and all(not line.replace("...", "").strip() for line in shown):
        raise RecipeError(
            "The expected output is only `...`, which every output satisfies.",
            "Show at least one line of the output, or silence the command so that it prints nothing.",
        )


def _trim(lines: list[str]) -> list[str]:
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def parse_session(body: str) -> tuple[Command, ...]:
    """Parse the body of a ``run`` block.

    A line that starts with ``$`` and a blank is a command; ``>`` and a blank right below continue it, and so does
    a backslash at its end. Everything up to the next prompt is its output. A last output line ``[N]`` is the exit
    status that is expected; without one it is 0.

    :param body: the block as the page shows it.
    :returns: the commands, in order.
    :raises RecipeError: if there is no command, or output stands before the first one.
    """
    commands: list[Command] = []
    lines = body.splitlines()
    index = 0
    while index < len(lines):
        line = lines[index]
        if not line.startswith(PROMPT):
            if line.strip():
                raise RecipeError(
                    f"The session starts with {line!r}, which is no command.",
                    "Start it with `$ ` and a command; put its output below.",
                )
            index += 1
            continue
        start = index
        text = [line.removeprefix(PROMPT)]
        index += 1
        while index < len(lines) and (lines[index].startswith(CONTINUATION) or text[-1].endswith("\\")):
            text.append(lines[index].removeprefix(CONTINUATION))
            index += 1
        output: list[str] = []
        while index < len(lines) and not lines[index].startswith(PROMPT):
            output.append(lines[index].rstrip())
            index += 1
        _trim(output)
        status = 0
        if output and (match := EXIT_STATUS.match(output[-1])):
            status = int(match[1])
            _trim(output[:-1])
            output = _trim(output[:-1])
        refuse_empty_expectation(output)
        commands.append(Command("\n".join(text), tuple(output), status, start))
    if not commands:
        raise RecipeError("The session has no command.", "Write at least one line that starts with `$ `.")
    return tuple(commands)


def clipboard_text(commands: tuple[Command, ...]) -> str:
    """Return what a reader who copies the session gets: its commands, as they are run, without prompts or output."""
    return "\n".join(command.text for command in commands) + "\n"
