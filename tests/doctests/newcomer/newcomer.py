"""The newcomer: types documented commands in a clone, and has it recorded how each one ended."""

import os
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from cookbook.recipe.commands import record_command
from cookbook.runner.namespace import NoNamespace
from cookbook.runner.process import Process

from .documents import REPOSITORY
from .machine import find_servers, hide, make_environment

SECONDS = 600


@dataclass(frozen=True)
class Outcome:
    """How a command ended.

    :param output: what it wrote, errors among the rest, in order.
    """

    command: str
    status: int
    output: str

    def __str__(self) -> str:
        return f"`{self.command}` ended with {self.status}:\n{self.output}"


@dataclass
class Newcomer:
    """Somebody with a clean clone on a machine without servers.

    :param clone: the clone.
    """

    clone: Path
    environment: dict[str, str] = field(default_factory=make_environment)
    servers: list[Path] = field(default_factory=find_servers)

    def type(self, command: str, *, folder: Path | None = None, seconds: float = SECONDS) -> Outcome:
        """Type a command and wait for its end."""
        try:
            done = subprocess.run(
                hide(self.servers, ["bash", "-c", command]),
                cwd=folder or self.clone,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            output = (error.stdout or b"").decode(errors="replace")
            return Outcome(command, -signal.SIGKILL, f"{output}\n(not at its end after {seconds:g} seconds)")
        return Outcome(command, done.returncode, done.stdout)

    def start(self, command: str, **variables: str) -> Process:
        """Type a command that stays, in a terminal of its own.

        :param variables: set before it, as in ``SITE_PORT=8101 make run``.
        """
        return Process(
            hide(self.servers, ["bash", "-c", f"exec {command}"]),
            cwd=self.clone,
            environment={**self.environment, **variables},
            network=NoNamespace(),
        )


def press_ctrl_c(process: Process) -> None:
    """Do what a terminal does at Ctrl-C: interrupt everything in the foreground."""
    os.killpg(process.pid, signal.SIGINT)


def record(command: str, passed: bool, by: str) -> None:
    """Record how a documented command ended, where the site's coverage reads it.

    :param by: the test's id.
    """
    record_command(REPOSITORY.evidence, command, "passed" if passed else "failed", by)
