"""Starts a PostgreSQL server for tests, where this machine has one."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Self

# A server refuses to be started by root.
AS_POSTGRES = ["runuser", "-u", "postgres", "--"]


def find_server() -> Path | None:
    """Find what makes a database: in the folder that PG_BINDIR names, or where Debian keeps it.

    Not on the path: that holds a server or not with the database that the tests run on, and each
    database is to be tested by as many tests.
    """
    if folder := os.environ.get("PG_BINDIR"):
        named = Path(folder, "initdb")
        if not named.is_file():
            raise FileNotFoundError(
                f"PG_BINDIR names {folder}, which holds no initdb. Name the folder of PostgreSQL's "
                "programs, such as /usr/lib/postgresql/15/bin, or unset it."
            )
        return named.resolve()
    return max(Path("/usr/lib/postgresql").glob("*/bin/initdb"), default=None)


SERVER = find_server()


def can_start_server() -> bool:
    """Say whether there is a server that may be started; in some containers nobody else exists."""
    if SERVER is None:
        return False
    command = [*(AS_POSTGRES if os.getuid() == 0 else []), str(SERVER), "--version"]
    try:
        tried = subprocess.run(command, check=False, capture_output=True)
    except OSError:
        return False
    return tried.returncode == 0


class Server:
    """A server of its own in a new folder, reached by a socket there; a context manager.

    Its ``programs`` is the folder of its programs, ``environment`` leads them to it.
    """

    def __init__(self) -> None:
        assert SERVER is not None
        self.programs = SERVER.parent
        self.prefix = AS_POSTGRES if os.getuid() == 0 else []
        # Paths of sockets have to be short.
        self.folder = Path(tempfile.mkdtemp(prefix="postgresql-", dir="/tmp"))
        self.data = self.folder / "data"
        self.data.mkdir()
        if self.prefix:
            self.folder.chmod(0o711)
            shutil.chown(self.data, "postgres")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        self.environment = {"PGHOST": str(self.data), "PGPORT": port, "PGUSER": "postgres"}

    def run(self, name: str, *arguments: str, check: bool = True) -> None:
        """Run one of the server's programs as the user whose server it is."""
        command = [*self.prefix, str(self.programs / name), "-D", str(self.data), *arguments]
        subprocess.run(command, check=check, cwd="/", stdout=subprocess.DEVNULL)

    def __enter__(self) -> Self:
        try:
            self.run("initdb", "-U", "postgres", "--auth=trust", "--no-sync")
            options = (
                f"-c listen_addresses= -c port={self.environment['PGPORT']} "
                f"-c unix_socket_directories={self.data} -c fsync=off"
            )
            self.run("pg_ctl", "-s", "-l", f"{self.data}/log", "-o", options, "-w", "start")
        except subprocess.CalledProcessError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self.run("pg_ctl", "-s", "-m", "immediate", "stop", check=False)
        shutil.rmtree(self.folder)
