"""Give each manifest a network of its own: a user and network namespace whose loopback is up.

Inside, every standard port is free, so the literal ports on a page are what runs, and manifests run side by side.
Processes inside have an ordinary user's id even when the caller is root (so PostgreSQL does not refuse), yet they
read and write files as the caller: nothing has to change owner. No pid namespace: ids mean the same inside and out.
"""

import contextlib
import functools
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Self

HOLDER = Path(__file__).parent / "services" / "holder.py"
LOOPBACKS = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
START_SECONDS = 10.0
# The holder gives what is left inside two seconds to end, and two more after SIGKILL.
CLOSE_SECONDS = 10.0


class NamespaceError(Exception):
    """A namespace could not be made or is used after its end; the message says why and what to do."""


class Namespace:
    """A user and network namespace that lives until ``close()`` or the end of this process.

    Attributes:
        addresses: the loopback addresses on which servers can listen inside.
    """

    isolated = True

    def __init__(self, holder: subprocess.Popen[bytes], line: socket.socket, addresses: tuple[str, ...]) -> None:
        self._holder = holder
        self._line = line
        self._lock = threading.Lock()
        self._closed = False
        self.addresses = addresses

    @classmethod
    def available(cls) -> tuple[bool, str]:
        """Say whether this machine can make a namespace, by making one.

        Returns:
            True and an empty string, or False and one sentence saying why not.
        """
        return _try_namespace()

    @classmethod
    def create(cls) -> Self:
        """Make a namespace and bring its loopback up.

        Raises:
            NamespaceError: the kernel, its settings or a missing program do not allow it.
        """
        for program in ("unshare", "nsenter"):
            if shutil.which(program) is None:
                raise NamespaceError(f"The program {program} was not found; install the package util-linux.")
        inner = _choose_user()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = ["unshare", "--user", f"--map-user={inner[0]}", f"--map-group={inner[1]}", "--net", "--keep-caps"]
        with tempfile.TemporaryFile() as complaints, theirs:
            holder = subprocess.Popen(
                [*command, "--", sys.executable, "-I", "-S", str(HOLDER)],
                stdin=theirs,
                stdout=subprocess.DEVNULL,
                stderr=complaints,
                cwd="/",
                start_new_session=True,  # a Ctrl-C must reach the servers' owner, not the servers' home
            )
            theirs.close()
            ours.settimeout(START_SECONDS)
            try:
                greeting = ours.recv(300).decode()
            except OSError as error:
                greeting = str(error)
            if not greeting.startswith("ready "):
                ours.close()
                _end(holder)
                complaints.seek(0)
                raise NamespaceError(_explain(greeting or complaints.read().decode(errors="replace").strip()))
        return cls(holder, ours, tuple(greeting.split()[1:]))

    @property
    def pid(self) -> int:
        """The process that holds the namespace, by which others can find it."""
        return self._holder.pid

    def command(self, argv: list[str]) -> list[str]:
        """Return ``argv`` as a command that runs inside the namespace.

        Args:
            argv: a program and its arguments.

        Raises:
            NamespaceError: the namespace was closed, or its holder died.
        """
        if self._closed or self._holder.poll() is not None:
            raise NamespaceError("The namespace has ended; create another one.")
        # nsenter replaces itself by the program, so the id that the caller sees is the program's own.
        target = ["--target", str(self._holder.pid), "--user", "--net", "--preserve-credentials"]
        return ["nsenter", *target, "--", *argv]

    def connect(self, port: int, host: str = "127.0.0.1", seconds: float = 2.0) -> socket.socket:
        """Return a connection made inside the namespace, for use outside it.

        Args:
            port: where something listens inside.
            host: a loopback address.
            seconds: how long connecting, and later each read, may take.

        Raises:
            OSError: nothing answers there.
        """
        with self._lock:
            self._line.settimeout(seconds + START_SECONDS)
            self._line.send(f"{host} {port} {seconds}".encode())
            reply, descriptors, _, _ = socket.recv_fds(self._line, 300, 1)
        if not descriptors:
            number, _, text = reply.decode().partition(" ")
            raise OSError(int(number or 0), text or "the namespace has ended")
        connection = socket.socket(fileno=descriptors[0])
        connection.settimeout(seconds)
        return connection

    def close(self) -> None:
        """End the holder and whatever is left inside. A second call does nothing."""
        if not self._closed:
            self._closed = True
            self._line.close()  # the holder sees it, clears the namespace and ends
            _end(self._holder, patience=CLOSE_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class NoNamespace:
    """The same interface on the host itself, for machines without namespaces."""

    isolated = False

    def __init__(self) -> None:
        self.addresses = tuple(address for family, address in LOOPBACKS if _can_bind(family, address))

    def command(self, argv: list[str]) -> list[str]:
        """Return ``argv`` unchanged."""
        return argv

    def connect(self, port: int, host: str = "127.0.0.1", seconds: float = 2.0) -> socket.socket:
        """Return a connection to ``host``; raises OSError when nothing answers there."""
        return socket.create_connection((host, port), seconds)

    def close(self) -> None:
        """Do nothing: the host stays."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@functools.cache
def _try_namespace() -> tuple[bool, str]:
    if not sys.platform.startswith("linux"):
        return False, f"Network namespaces need Linux; this is {sys.platform}."
    try:
        with Namespace.create() as namespace:
            subprocess.run(namespace.command(["true"]), check=True, capture_output=True, timeout=START_SECONDS)
    except NamespaceError as error:
        return False, str(error)
    except (OSError, subprocess.SubprocessError) as error:
        return False, f"A new namespace cannot be entered: {error}."
    return True, ""


def _choose_user() -> tuple[int, int]:
    # Oneself when one is an ordinary user. Root becomes a user that has an entry in passwd: initdb looks itself up.
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    ordinary = [entry for entry in pwd.getpwall() if 1000 <= entry.pw_uid < 60000]
    for entry in (*ordinary, *(entry for entry in pwd.getpwall() if 0 < entry.pw_uid < 1000)):
        return entry.pw_uid, entry.pw_gid
    return 1000, 1000


def _explain(found: str) -> str:
    reason = found.splitlines()[-1] if found else "the holder ended without a word"
    hint = ""
    with contextlib.suppress(OSError):
        if Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").read_text().strip() == "1":
            hint = "; AppArmor forbids it: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
    return f"A user and network namespace cannot be made ({reason}{hint})."


def _end(holder: subprocess.Popen[bytes], patience: float = 0.0) -> None:
    try:
        holder.wait(patience)
    except subprocess.TimeoutExpired:
        holder.kill()
        holder.wait()


def _can_bind(family: int, address: str) -> bool:
    try:
        with socket.socket(family) as attempt:
            attempt.bind((address, 0))
    except OSError:
        return False
    return True
