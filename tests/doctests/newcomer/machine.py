"""Describes the newcomer's machine: few variables, and no server but those that come as wheels."""

import contextlib
import os
import shlex
import shutil
import socket
import subprocess
from collections.abc import Iterable
from pathlib import Path

import psutil
import pytest

from cookbook.runner.services import Need, read_needs
from cookbook.runner.workspace import CARRIED

from .documents import REPOSITORY

KEPT = {"PATH", "HOME", "USER", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", *CARRIED}
KEPT_PREFIXES = ("PIP_", "UV_", "SSL_", "PYENV_")
# Those that the tests' own run has set, or that point into its environment.
DROPPED = {"PYENV_VERSION", "UV_PROJECT_ENVIRONMENT", "UV_PYTHON", "UV_INTERNAL__PARENT_INTERPRETER"}


def make_environment() -> dict[str, str]:
    """Return the variables of somebody who has just opened a terminal."""
    kept = {key: value for key, value in os.environ.items() if key in KEPT or key.startswith(KEPT_PREFIXES)}
    environment = {key: value for key, value in kept.items() if key not in DROPPED}
    environment["PATH"] = os.pathsep.join(
        entry for entry in os.environ.get("PATH", os.defpath).split(os.pathsep) if not _is_ours(Path(entry))
    )
    return environment


def _is_ours(folder: Path) -> bool:
    """Tell whether an entry of PATH leads into a virtual environment or this checkout: a newcomer has neither."""
    return (folder.parent / "pyvenv.cfg").exists() or folder.resolve().is_relative_to(REPOSITORY.root)


def can_hide() -> bool:
    """Tell whether this process may give programs a view of the file system of their own."""
    if os.geteuid() != 0 or not shutil.which("unshare"):
        return False
    return subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0


def find_servers(but: Iterable[str] = ()) -> list[Path]:
    """Return the server programs that are installed here; not those that come with the cookbook.

    :param but: Debian packages; servers that they bring are left out.
    """
    needs = [need for need in read_needs(REPOSITORY.conf).values() if need.kind == "server" and need.packages]
    return sorted({path for need in needs if not set(need.packages) & set(but) for path in _find_programs(need)})


def _find_programs(need: Need) -> Iterable[Path]:
    name = need.programs[0]
    folders = [*os.environ.get("PATH", os.defpath).split(os.pathsep), "/usr/bin", "/usr/sbin", "/usr/local/sbin"]
    folders += [str(folder) for pattern in need.folders for folder in Path("/").glob(pattern.removeprefix("/"))]
    for program in (name, *need.alternatives.get(name, ())):
        yield from (path.resolve() for folder in folders if (path := Path(folder) / program).is_file())


def hide(programs: list[Path], command: list[str]) -> list[str]:
    """Return a command that runs where some programs are not: on a machine without those servers.

    Where that is not possible the command runs on the machine as it is.
    """
    if not programs or not can_hide():
        return command
    covers = " && ".join(f"mount --bind /dev/null {shlex.quote(str(path))}" for path in programs)
    return ["unshare", "--mount", "--", "bash", "-c", f'{covers} && exec "$@"', "bash", *command]


def is_free(port: int) -> bool:
    """Tell whether a server could listen on a port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def list_ancestors() -> list[tuple[Path, list[str]]]:
    """Return the folders and command lines of the processes that have led to this one, the nearest first."""
    found = []
    for process in psutil.Process().parents():
        with contextlib.suppress(psutil.Error):
            found.append((Path(process.cwd()), process.cmdline()))
    return found


def give_up(reason: str) -> None:
    """Skip a test that cannot run here, with the reason; in CI everything must be there, so there it fails."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason} CI must not go on without it.")
    pytest.skip(reason)
