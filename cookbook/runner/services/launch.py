"""Do what starting any server takes: folders, ports, processes, waiting, and clearing up."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from cookbook.runner.namespace import Namespace, NoNamespace
from cookbook.runner.services.errors import ServiceError
from cookbook.runner.services.needs import Need
from cookbook.runner.services.process import Process
from cookbook.runner.services.provision import Provision
from cookbook.runner.services.server import Server, read_tail

T = TypeVar("T")
POLL_SECONDS = 0.02


class NotReadyError(Exception):
    """The server answers, but not yet as it will."""


@dataclass
class Launch:
    """One start of one server.

    Attributes:
        folder: its own folder, for its log and its data.
        short: another, whose path is short: a Unix socket's may have 107 bytes.
        ports: the port in use for each standard one.
        log: what its processes write.
        prefix: words put before each command, when another user must run it.
        leftovers: files elsewhere that its processes leave behind.
        endings: what else is to be called at the end; each returns the ids of processes that would not end.
    """

    need: Need
    provision: Provision
    namespace: Namespace | NoNamespace
    folder: Path
    short: Path
    cache: Path
    ports: dict[int, int]
    log: Path
    prefix: list[str] = field(default_factory=list)
    processes: list[Process] = field(default_factory=list)
    leftovers: list[Path] = field(default_factory=list)
    endings: list[Callable[[], list[int]]] = field(default_factory=list)

    @classmethod
    def prepare(cls, provision: Provision, namespace: Namespace | NoNamespace, folder: Path, cache: Path) -> "Launch":
        """Make the folders and choose the ports."""
        need = provision.need
        if namespace.isolated:
            ports = {port: check_port(need, namespace, port) for port in need.ports}
        else:
            ports = {port: choose_port(port) for port in need.ports}
        folder.mkdir(parents=True, exist_ok=True)
        own = Path(tempfile.mkdtemp(prefix=f"{need.name}-", dir=folder))
        return cls(
            need=need,
            provision=provision,
            namespace=namespace,
            folder=own,
            short=Path(tempfile.mkdtemp(prefix="cb-", dir="/tmp")),
            cache=cache.resolve(),
            ports=ports,
            log=own / f"{need.name}.log",
        )

    @property
    def port(self) -> int:
        """The port that clients use; 0 when they use a file."""
        return self.ports[self.need.ports[0]] if self.need.ports else 0

    @property
    def _where(self) -> str:
        return f" on port {self.port}" if self.port else ""

    def make_environment(self, extra: dict[str, str] | None = None) -> dict[str, str]:
        """Return an environment in which nothing of the caller's can change how the server behaves."""
        path = os.environ.get("PATH", os.defpath)
        return {"PATH": path, "HOME": str(self.short), "LC_ALL": "C.UTF-8", "TMPDIR": str(self.short), **(extra or {})}

    def run(self, argv: list[str], script: str | None = None) -> None:
        """Run a command to its end, as for initialising a data folder.

        Raises:
            ServiceError: it failed, or took too long.
        """
        try:
            with self.log.open("ab") as output:
                subprocess.run(
                    self.namespace.command([*self.prefix, *argv]),
                    input=(script or "").encode(),
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd=self.short,
                    env=self.make_environment(),
                    timeout=self.need.seconds,
                    check=True,
                )
        except (OSError, subprocess.SubprocessError) as error:
            reason = f"{Path(argv[0]).name} failed: {error}."
            raise ServiceError(f"{self.need.label} could not be prepared: {reason}", read_tail(self.log)) from error

    def spawn(self, argv: list[str], environment: dict[str, str] | None = None, **options: object) -> Process:
        """Start a process that stays."""
        try:
            process = Process(
                [*self.prefix, *argv],
                namespace=self.namespace,
                folder=self.short,
                log=self.log,
                environment=self.make_environment(environment),
                **options,  # type: ignore[arg-type]
            )
        except OSError as error:
            raise ServiceError(f"{self.need.label} could not be started: {error}.", read_tail(self.log)) from error
        self.processes.append(process)
        return process

    def wait(self, ask: Callable[[], T]) -> T:
        """Ask the server until it answers.

        Args:
            ask: talks to the server and returns what it said; raises OSError or NotReadyError while it cannot.

        Raises:
            ServiceError: a process ended, or time ran out.
        """
        deadline = time.monotonic() + self.need.seconds
        while True:
            try:
                return ask()
            except (OSError, NotReadyError) as error:
                reason = str(error) or type(error).__name__
            for process in self.processes:
                if (code := process.exit_code()) is not None:
                    told = f"ended with exit code {code} before it answered{self._where}"
                    raise ServiceError(f"{self.need.label} {told}; its last lines say why.", read_tail(self.log))
            if time.monotonic() > deadline:
                told = f"did not answer{self._where} within {self.need.seconds:g} seconds ({reason})"
                hint = "its last lines may say why; `seconds` in conf/services.toml sets the limit."
                raise ServiceError(f"{self.need.label} {told}; {hint}", read_tail(self.log))
            time.sleep(POLL_SECONDS)

    def finish(self, label: str, version: str, environment: dict[str, str], clients: list[Path]) -> Server:
        """Describe the server that now runs.

        Args:
            label: what runs, by its own word.
            version: by its own word too.
            environment: variables for its clients.
            clients: folders with its client programs.
        """
        listed = os.environ.get("PATH", "").split(os.pathsep)
        return Server(
            name=self.need.name,
            label=label,
            version=version,
            host="127.0.0.1",
            port=self.port,
            source=self.provision.source,
            path_entries=[folder for folder in dict.fromkeys(clients) if str(folder) not in listed],
            environment=environment,
            substitutions=list_substitutions({port: ("", used) for port, used in self.ports.items() if port != used}),
            log=self.log,
            on_stop=self.clear,
        )

    def clear(self) -> list[int]:
        """End every process and remove the data, keeping the log; return the ids of what would not end."""
        left = [pid for end in reversed(self.endings) for pid in end()]
        left += [pid for process in reversed(self.processes) for pid in process.stop()]
        shutil.rmtree(self.short, ignore_errors=True)
        for path in self.leftovers:
            path.unlink(missing_ok=True)
        for entry in self.folder.iterdir() if self.folder.is_dir() else ():
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
        return left


def check_port(need: Need, namespace: Namespace | NoNamespace, standard: int) -> int:
    """Return the port if nothing answers there; otherwise that would be taken for the server that is to start."""
    try:
        namespace.connect(standard).close()
    except OSError:
        return standard
    raise ServiceError(
        f"{need.label} needs port {standard}, and something listens there already in this namespace. "
        "Stop that first, or create another namespace."
    )


def choose_port(standard: int) -> int:
    """Return the standard port if it is free on this machine's loopback, else some free one."""
    for port in (standard, 0):
        try:
            with socket.socket() as attempt:
                attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: see past TIME_WAIT
                attempt.bind(("127.0.0.1", port))
                return attempt.getsockname()[1]
        except OSError:
            continue
    raise ServiceError("No port is free on 127.0.0.1; end some of what listens there.")


def list_substitutions(moved: dict[int, tuple[str, int]]) -> dict[str, str]:
    """Return what to read in place of each standard address.

    Args:
        moved: for each standard port the host (empty: as written) and port in use.
    """
    hosts = ("localhost", "127.0.0.1", "[::1]")
    return {
        f"{written}:{port}": f"{host or written}:{used}" for port, (host, used) in moved.items() for written in hosts
    }
