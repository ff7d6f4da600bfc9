"""Background: programs that a page starts in a second terminal; what they log, and how they end."""

from collections.abc import Sequence
from typing import Any

from ..recipe.console import parse_session
from ..recipe.manifest import Step
from ..recipe.matching import Normaliser, find_lines
from .failure import StepFailure, last_lines
from .process import Process
from .shell import BASH, State

STOP_SECONDS = 10.0


class Background:
    """A program that runs beside the steps.

    :param step: the step that started it.
    :param command: what the page shows.
    :param process: the program.
    """

    def __init__(self, step: Step, command: str, process: Process, normalisers: Sequence[Normaliser]) -> None:
        self.step = step
        self.command = command
        self.process = process
        self._normalisers = normalisers
        self.position = 0  # the first line that no step has spoken of yet

    def _find(self, expected: Sequence[str]) -> bool:
        lines = self.process.lines()
        if self.process.status is None and not self.process.output().endswith("\n"):
            lines = lines[:-1]  # a line that is still being written says nothing yet
        end = find_lines(expected, lines, self.position, self._normalisers)
        if end is not None:
            self.position = end
        return end is not None

    def unread(self) -> list[str]:
        """Return the log's lines that no step has spoken of yet."""
        return self.process.lines()[self.position :]

    def expect(self, expected: Sequence[str], timeout: float) -> None:
        """Wait until lines appear in the log, below those that appeared before.

        :raises StepFailure: if they do not come in time, or the program ends without them.
        """
        if self.process.wait_until(lambda: self._find(expected), timeout):
            return
        status = self.process.status
        how = f"within {timeout:g} seconds" if status is None else f"before it ended with exit status {status}"
        wanted = "\n".join(f"    {line}" for line in expected)
        raise StepFailure(
            f"`{self.command}` did not log, {how}:\n{wanted}\nWhat came instead:\n{last_lines(self.unread())}"
        )

    def stop(self, expected: Sequence[str] = (), timeout: float = STOP_SECONDS) -> None:
        """End the program as Ctrl-C's gentler sister does, by SIGTERM, and look at what it leaves.

        :param expected: lines that the log must hold, before the signal or after it.
        :raises StepFailure: if it had ended already, ignores the signal, leaves children or does not log the lines.
        """
        process = self.process
        try:
            if process.status is not None:
                raise StepFailure(
                    f"`{self.command}` was to be stopped, but had ended with exit status {process.status}. "
                    f"Its last output:\n{last_lines(process.lines())}"
                )
            process.terminate()
            if process.wait(STOP_SECONDS) is None:
                raise StepFailure(
                    f"`{self.command}` ignores SIGTERM: it ran on for {STOP_SECONDS:g} seconds. "
                    f"Its last output:\n{last_lines(process.lines())}"
                )
            if leftovers := process.leftovers():
                raise StepFailure(
                    f"`{self.command}` has ended, but left children running:\n{last_lines(leftovers)}\n"
                    "Start it so that it ends them (with `exec`, or in the foreground)."
                )
            if expected:
                self.expect(expected, timeout)
        finally:
            process.kill()

    def kill(self) -> None:
        """End the program without a word."""
        self.process.kill()


def start_background(step: Step, state: State, network: Any, normalisers: Sequence[Normaliser]) -> Background:
    """Start the program of a background step and wait until its log shows that it is ready.

    :raises StepFailure: if it ends before, or does not become ready in time.
    """
    command, *more = parse_session(step.text)
    if more or not command.expected or command.status:
        raise StepFailure(
            "A background step needs exactly one command and, below it, the lines of its log that show that it is "
            "ready. Put other commands into a step of their own."
        )
    # bash replaces itself by a simple command, so SIGTERM reaches the program and not a shell before it.
    process = Process([*BASH, "-c", command.text], cwd=state.folder, environment=state.environment, network=network)
    background = Background(step, command.text, process, normalisers)
    try:
        background.expect(command.expected, step.timeout)
    except BaseException:
        process.kill()
        raise
    return background
