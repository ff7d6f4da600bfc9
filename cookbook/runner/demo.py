"""Serves the site and the reference project side by side, for somebody who wants to look."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..recipe.repository import Repository
from .uv import find_uv, make_environment
from .workspace import copy_project

HOST = "127.0.0.1"
STOP_SECONDS = 10


class DemoError(Exception):
    """The demonstration cannot start; the message says what to do."""


@dataclass(frozen=True)
class Demo:
    """A copy of the reference project to look at, on SQLite.

    :param folder: the copy.
    :param accounts: what ``seed_demo`` printed: an address and a password a line.
    """

    folder: Path
    accounts: list[str]


def require_port(port: int, variable: str) -> None:
    """Refuse a port that another program listens on.

    :param variable: the variable of ``make run`` that names another one.
    :raises DemoError: if the port is taken.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise DemoError(
                f"Port {port} is taken by another program ({error.strerror}). "
                f"Choose another one: make run {variable}={port + 100}"
            ) from error


def run_tool(command: list[str], folder: Path) -> str:
    """Run a command of the demonstration and return what it printed.

    :raises DemoError: with its output, if it fails.
    """
    environment = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "PYTHONPATH")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DemoError(f"`{' '.join(command)}` failed in {folder}:\n{done.stdout}{done.stderr}")
    return done.stdout


def prepare_demo(repository: Repository) -> Demo:
    """Copy the reference project, make its environment, its tables and its demo accounts.

    The copy is made anew each time: the tree under version control is never written to.

    :raises DemoError: if a command fails.
    """
    folder = repository.build / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    project = folder / repository.reference.name
    copy_project(repository.reference, project)
    make_environment(project, repository.environment or "", find_uv(repository.root), repository.cache)
    python = str(project / ".venv" / "bin" / "python")
    run_tool([python, "manage.py", "migrate", "--verbosity=0"], project)
    return Demo(project, run_tool([python, "manage.py", "seed_demo"], project).strip().splitlines())


@contextmanager
def serve(
    repository: Repository, demo: Demo, *, site_port: int, project_port: int
) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Run both servers while the context lasts; they listen on this machine only.

    :returns: the processes by what they serve.
    :raises DemoError: if one of them ends before it answers.
    """
    site = [sys.executable, "-m", "http.server", str(site_port), "--bind", HOST, "--directory"]
    python = str(demo.folder / ".venv" / "bin" / "python")
    environment = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "PYTHONPATH")}
    log = (demo.folder.parent / "servers.log").open("wb")
    processes = {
        "site": subprocess.Popen(
            [*site, str(repository.build / "html")], stdout=log, stderr=log, start_new_session=True
        ),
        "project": subprocess.Popen(
            [python, "manage.py", "runserver", "--noreload", f"{HOST}:{project_port}"],
            cwd=demo.folder,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C reaches this program alone, which then stops both
        ),
    }
    try:
        for name, port in (("site", site_port), ("project", project_port)):
            wait_for_port(processes[name], port, name, Path(log.name))
        yield processes
    finally:
        for process in processes.values():
            stop(process)
        log.close()


def wait_for_port(process: subprocess.Popen[bytes], port: int, name: str, log: Path, seconds: float = 30) -> None:
    """Wait until a server accepts connections.

    :raises DemoError: with the end of its log, if it ends or does not come up in time.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-10:])
    raise DemoError(f"The {name} did not come up on port {port}. Its last lines, from {log}:\n{tail}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server: politely, then for good."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
