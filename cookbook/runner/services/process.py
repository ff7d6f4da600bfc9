"""Run one server process and end it with everything that it started.

Why not mirakuru: it waits for readiness by connecting from its own network, where a server inside a namespace cannot
be reached, and finds left-over children by a mark in their environment, which PostgreSQL overwrites with its titles.
"""

import contextlib
import os
import signal
import subprocess
from pathlib import Path

import psutil

from cookbook.runner.namespace import Namespace, NoNamespace

STOP_SECONDS = 15.0
KILL_SECONDS = 5.0


class Process:
    """A process in a session of its own, writing to a log."""

    def __init__(
        self,
        argv: list[str],
        *,
        namespace: Namespace | NoNamespace,
        folder: Path,
        log: Path,
        environment: dict[str, str],
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = Path(argv[0]).name
        self._stop_signal = stop_signal
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                namespace.command(argv),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=environment,
                start_new_session=True,  # its children can be told by their session, and Ctrl-C does not reach them
            )
        self.pid = self._popen.pid

    def exit_code(self) -> int | None:
        """Return the exit code, or None while the process runs."""
        return self._popen.poll()

    def stop(self, seconds: float = STOP_SECONDS) -> list[int]:
        """End the process and its family: its own clean way first, SIGKILL for what is still there.

        Args:
            seconds: how long the clean end may take.

        Returns:
            The ids of processes that are there even after SIGKILL: none, normally.
        """
        family = self._list_family()
        with contextlib.suppress(ProcessLookupError):
            self._popen.send_signal(self._stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(seconds)
        # Children that end with their parent need a moment; those that have not ended by then will not.
        _, left = psutil.wait_procs({*family, *self._list_family()}, timeout=KILL_SECONDS)
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        _, left = psutil.wait_procs(left, timeout=KILL_SECONDS)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(KILL_SECONDS)
        return [process.pid for process in left if process.is_running()]

    def _list_family(self) -> set[psutil.Process]:
        # By descent, since PostgreSQL's children open sessions of their own; by session, for children whose parent
        # has ended. psutil compares start times too: an id that was given away again is not taken for ours.
        family = set()
        with contextlib.suppress(psutil.NoSuchProcess):
            family.update(psutil.Process(self.pid).children(recursive=True))
        if self._popen.returncode is None:
            with contextlib.suppress(psutil.NoSuchProcess):
                family.add(psutil.Process(self.pid))
        for process in psutil.process_iter():
            with contextlib.suppress(OSError, psutil.Error):
                if process.pid != self.pid and os.getsid(process.pid) == self.pid:
                    family.add(process)
        return family
