"""Shell: runs a console session as one bash process and compares what each command printed with the page.

Only the working directory and the exported variables go on to the next step, as from one terminal line to the next
after everything else was forgotten; shell variables and functions live as long as their step.
"""

import os
import re
import secrets
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..recipe.console import Command, parse_session
from ..recipe.manifest import Step
from ..recipe.matching import Normaliser, explain_difference, output_matches, split_output
from .failure import OutputDiffers, StepFailure, last_lines
from .process import MARK, OFFLINE, Process

# bash sets these by itself; carried on they would only say something about the step before.
NOT_CARRIED = {"_", "SHLVL", "PWD", "OLDPWD", MARK, *OFFLINE}
BASH = ("bash", "--noprofile", "--norc", "-eu", "-o", "pipefail")

# Runs at the shell's end, however it comes: leaves the state for the next step.
EPILOGUE = """\
cookbook_end() {{ {{ printf '%s\\0' "$PWD"; /usr/bin/env -0; }} > {state}; }}
trap cookbook_end EXIT
"""


@dataclass(frozen=True)
class State:
    """What one step leaves to the next: the working directory and the exported variables."""

    folder: str
    environment: dict[str, str]


@dataclass(frozen=True)
class Ran:
    """A command that was run: what it printed, and its exit status."""

    command: Command
    output: tuple[str, ...]
    status: int


def write_script(commands: Sequence[Command], mark: str, state: Path) -> str:
    """Return the bash script that runs commands in order, each followed by a line with the mark and its status.

    A command is given to ``eval`` as the page shows it, so that an error in one does not reach into the next. One
    that has to fail runs without ``-e``; after a status other than the expected one nothing more is run.
    """
    lines = [EPILOGUE.format(state=shlex.quote(str(state)))]
    for command in commands:
        run = f"eval {shlex.quote(command.text)}"
        ending = "; cookbook_status=$?"
        run = f"set +e; {run}{ending}; set -e" if command.status else run + ending
        lines.append(f"{run}; printf '\\n{mark} %d\\n' \"$cookbook_status\"")
        lines.append(f'[ "$cookbook_status" = {command.status} ] || exit 0')
    return "\n".join(lines) + "\n"


def split_by_command(commands: Sequence[Command], output: str, mark: str, status: int | None) -> list[Ran]:
    """Return what the commands that were reached have printed; the last one may have ended the shell itself."""
    parts = re.split(rf"\n{mark} (\d+)\n", output)
    ran = []
    for index, command in enumerate(commands):
        printed = tuple(split_output(parts[2 * index]))
        if 2 * index + 1 < len(parts):
            ran.append(Ran(command, printed, int(parts[2 * index + 1])))
            if ran[-1].status != command.status:
                break
        else:
            ran.append(Ran(command, printed, -1 if status is None else status))
            break
    return ran


def compare(ran: Ran, normalisers: Sequence[Normaliser]) -> None:
    """Compare one command with the page.

    :raises StepFailure: with the command, and the difference of its output or its exit status.
    """
    command = ran.command
    if ran.status != command.status:
        raise StepFailure(
            f"`{command.text}` ended with exit status {ran.status}; the page expects {command.status}. It printed:\n"
            + last_lines(list(ran.output))
        )
    if not output_matches(command.expected, ran.output, normalisers):
        raise StepFailure(
            f"`{command.text}` printed something else than the page shows:\n"
            + explain_difference(command.expected, ran.output, normalisers)
        )


def show_session(text: str, ran: Sequence[Ran], normalisers: Sequence[Normaliser]) -> str:
    """Return a session that shows what its commands printed; output that matches stays as it is on the page.

    :param text: the session on the page.
    :param ran: all of its commands.
    """
    lines, shown = text.splitlines(), []
    starts = [one.command.offset for one in ran] + [len(lines)]
    for one, start, end in zip(ran, starts, starts[1:], strict=False):
        prompt = start + len(one.command.text.splitlines())
        if output_matches(one.command.expected, one.output, normalisers):
            shown += lines[start:end]
        else:
            shown += [*lines[start:prompt], *one.output, *([f"[{one.status}]"] if one.status else [])]
    return "\n".join(shown)


def read_state(path: Path, before: State) -> State:
    """Return the state that a shell left; the one before it if the shell was replaced by another program."""
    try:
        folder, *rest = path.read_bytes().decode(errors="surrogateescape").split("\0")
    except FileNotFoundError:
        return before
    pairs = (entry.partition("=") for entry in rest if entry)
    return State(folder, {key: value for key, _, value in pairs if key not in NOT_CARRIED})


def run_session(
    step: Step, state: State, network: Any, scratch: Path, normalisers: Sequence[Normaliser]
) -> tuple[State, list[Ran]]:
    """Run a ``run`` step.

    :param step: its text is the session.
    :param state: where the shell starts.
    :param network: where it runs.
    :param scratch: a folder for the state that the shell leaves.
    :returns: the state for the next step, and what the commands printed.
    :raises StepFailure: if a command ends or prints otherwise than the page says, hangs, or leaves a process behind.
    """
    commands = parse_session(step.text)
    mark = f"cookbook-{secrets.token_hex(16)}"
    left = scratch / f"state-{mark}"
    script = write_script(commands, mark, left)
    process = Process([*BASH, "-c", script], cwd=state.folder, environment=state.environment, network=network)
    try:
        status = process.wait(step.timeout)
        ran = split_by_command(commands, process.output(), mark, status)
        if status is None:
            raise StepFailure(
                f"`{ran[-1].command.text}` hung: it had not ended after {step.timeout:g} seconds. Its last output:\n"
                + last_lines(list(ran[-1].output))
            )
        try:
            # A wrong exit status first: it is likely to be why the output of a command before it differs too.
            for one in sorted(ran, key=lambda one: one.status == one.command.status):
                compare(one, normalisers)
        except StepFailure as failure:
            if len(ran) < len(commands) or any(one.status != one.command.status for one in ran):
                raise
            shown = show_session(step.text, ran, normalisers)
            raise OutputDiffers(str(failure), step.text, shown, (read_state(left, state), ran)) from None
        if len(ran) < len(commands):
            raise StepFailure(
                f"`{ran[-1].command.text}` ended the shell; `{commands[len(ran)].text}` and what follows it never ran. "
                "Put the commands that follow into a step of their own."
            )
        if leftovers := process.leftovers():
            raise StepFailure(
                "The step has ended, but left running:\n"
                + last_lines(leftovers)
                + "\nEnd it in the step, or make it a background step (:background:)."
            )
        return read_state(left, state), ran
    finally:
        process.kill()
        left.unlink(missing_ok=True)


def run_command(command: str, folder: Path, state: State, network: Any, timeout: float) -> tuple[int, list[str]]:
    """Run a check's command in a shell of its own, without looking at what it prints.

    :returns: its exit status, or -1 if it hung; and its output.
    """
    environment = {**state.environment, "PWD": str(folder)}
    process = Process([*BASH, "-c", command], cwd=folder, environment=environment, network=network)
    try:
        status = process.wait(timeout)
        return (-1 if status is None else status), process.lines()
    finally:
        process.kill()


def first_state(folder: Path, environment: dict[str, str]) -> State:
    """Return the state that a manifest's first step starts from."""
    return State(os.fspath(folder), dict(environment))
