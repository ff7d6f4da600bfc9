"""Describe a running server: where it is, how to reach it, how to end it."""

import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cookbook.runner.services.errors import ServiceError


@dataclass
class Server:
    """A server that answers.

    Attributes:
        name: the need's name, such as "redis".
        label: the name of what runs, by its own word: "Valkey" where that stands in for Redis.
        version: by its own word too.
        host: where it listens.
        port: its first port, the one that clients use.
        source: "address", "path" or "wheel".
        path_entries: folders with its client programs to put on PATH; those that PATH already has are left out.
        environment: variables that let its client programs find it without arguments.
        substitutions: what to read in place of a standard address, when that is not where it listens.
        log: what it wrote.
    """

    name: str
    label: str
    version: str
    host: str
    port: int
    source: str
    path_entries: list[Path] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    substitutions: dict[str, str] = field(default_factory=dict)
    log: Path = Path("/dev/null")
    on_stop: Callable[[], list[int]] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        # Should the caller forget, the end of the interpreter stops it.
        self._stop = weakref.finalize(self, self.on_stop or list)

    def stop(self) -> None:
        """End the server and everything it started. A second call does nothing.

        Raises:
            ServiceError: something of it is still there.
        """
        if left := self._stop():
            raise ServiceError(
                f"{self.label} did not end: processes {', '.join(map(str, left))} are left even after SIGKILL. "
                "They hang in the kernel; look at them with `ps`.",
                self.log_tail(),
            )

    def log_tail(self, lines: int = 20) -> str:
        """Return the last lines of the server's log."""
        return read_tail(self.log, lines)


def read_tail(log: Path, lines: int = 20) -> str:
    """Return the last lines of a file, or an empty string when there is none."""
    try:
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
