"""Process: starts a program inside a manifest's network, collects its output, and ends it with all that it started."""

import contextlib
import os
import secrets
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from ..recipe.matching import split_output

# Marks everything that a step starts, so that a child is found even in a session of its own.
MARK = "COOKBOOK_PROCESS"
# What a pipeline leaves running for a moment after its shell has ended is no left-over.
GRACE_SECONDS = 2.5
KILL_SECONDS = 5.0

# uv would try for long to reach a registry from a network that has no way out; this way it takes what its cache holds.
OFFLINE = {"UV_OFFLINE": "1"}


class Process:
    """A program in a session of its own; standard output and error share one pipe, so their order is kept.

    :param argv: the program and its arguments.
    :param network: what takes the program into the manifest's network (see ``namespace.py``).
    :param pass_fds: further file descriptors that the program inherits.
    """

    def __init__(
        self,
        argv: list[str],
        *,
        cwd: Path | str,
        environment: dict[str, str],
        network: Any,
        pass_fds: tuple[int, ...] = (),
    ) -> None:
        self._mark = secrets.token_hex(16)
        self._output = bytearray()
        self._news = threading.Condition()
        self._ended = False
        reading, writing = os.pipe()
        try:
            self._popen = subprocess.Popen(
                network.command(argv),
                cwd=cwd,
                env={**environment, MARK: self._mark, **(OFFLINE if network.isolated else {})},
                stdin=subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                pass_fds=pass_fds,
                start_new_session=True,
            )
        except OSError:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        self.pid = self._popen.pid
        self._reader = threading.Thread(target=self._read, args=(reading,), daemon=True)
        self._reader.start()

    def _read(self, reading: int) -> None:
        with os.fdopen(reading, "rb", buffering=0) as pipe:
            while chunk := pipe.read(65536):
                with self._news:
                    self._output += chunk
                    self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    @property
    def status(self) -> int | None:
        """The exit status, or None while the program runs."""
        return self._popen.poll()

    def output(self) -> str:
        """Return everything written so far."""
        with self._news:
            return self._output.decode(errors="replace")

    def lines(self) -> list[str]:
        """Return the lines written so far; the last one may be unfinished."""
        return split_output(self.output())

    def wait_until(self, found: Callable[[], bool], timeout: float) -> bool:
        """Wait for something in the output, or the end of the program.

        :param found: asked whenever there is news.
        :returns: what ``found`` says at last.
        """
        deadline = time.monotonic() + timeout
        while not found():
            if self.status is not None:
                self._await_rest()
                return found()
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            with self._news:
                self._news.wait(min(left, 0.05))
        return True

    def _await_rest(self) -> None:
        """After the program's end, wait a moment for the pipe's; a child that holds it open must not hold us."""
        self._reader.join(GRACE_SECONDS)

    def wait(self, timeout: float) -> int | None:
        """Wait for the end and return the exit status, or None if it has not come in time."""
        try:
            self._popen.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        self._await_rest()
        return self._popen.returncode

    def terminate(self) -> None:
        """Ask the program itself, not its children, to end."""
        with contextlib.suppress(ProcessLookupError):
            self._popen.terminate()

    def children(self) -> list[psutil.Process]:
        """Return what the program has started and what still runs: by session, and by the mark that it inherited."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(OSError, psutil.Error):
                if process.pid == self.pid or process.status() == psutil.STATUS_ZOMBIE:
                    continue
                if os.getsid(process.pid) == self.pid or process.environ().get(MARK) == self._mark:
                    found.append(process)
        return found

    def leftovers(self) -> list[str]:
        """Return the commands of children that run on although the program has ended, after a moment's grace."""
        deadline = time.monotonic() + GRACE_SECONDS
        while children := self.children():
            if time.monotonic() > deadline:
                return [describe_process(child) for child in children]
            time.sleep(0.02)
        return []

    def kill(self) -> None:
        """End the program and everything that it started, at once."""
        for _ in range(3):  # a child may have been started while the first ones were ended
            children = self.children()
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            for child in children:
                with contextlib.suppress(psutil.Error):
                    child.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(KILL_SECONDS)
            psutil.wait_procs(children, timeout=KILL_SECONDS)
            if not children:
                break


def describe_process(process: psutil.Process) -> str:
    """Return a process as people know it: its id and its command."""
    try:
        return f"{process.pid} {' '.join(process.cmdline()) or process.name()}"
    except psutil.Error:
        return str(process.pid)
