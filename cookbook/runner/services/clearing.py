"""Clear what a server to deploy to leaves on this machine: its processes, its network, its files."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import psutil

from cookbook.runner.services.outside import close_way

PLACES, PREFIX = Path("/var/tmp"), "cookbook-target-"  # noqa: S108 - mkdtemp names what lies there
OWNER = "owner"
POWER_OFF = getattr(signal, "SIGRTMIN", 34) + 4  # what systemd as the first process takes for "halt"
STOP_SECONDS = 40.0


def claim(place: Path, name: str) -> IO[str]:
    """Say whose a place is, for as long as the file that is returned stays open.

    :param place: a folder in ``PLACES``.
    :param name: the server's name, which its network has too.
    """
    # Locked before it has its name: whoever looks for abandoned places never finds it unlocked.
    making = place / f"{OWNER}.new"
    file = making.open("w")
    fcntl.flock(file, fcntl.LOCK_EX)
    file.write(name)
    file.flush()
    making.rename(place / OWNER)
    return file


def clear_abandoned(prefix: str, clear: Callable[[Path, str], object]) -> None:
    """Clear the servers of processes that were killed before they could do it themselves.

    :param prefix: how the names of their folders in ``PLACES`` begin.
    :param clear: is given the folder and the name of each.
    """
    for path in PLACES.glob(f"{prefix}*/{OWNER}"):
        with contextlib.suppress(OSError), path.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # else its owner lives
            clear(path.parent, file.read())


def clear(place: Path, name: str) -> list[int]:
    """Shut a server down and take its network and files away.

    :param place: its folder, which holds ``root``.
    :param name: its name.
    :returns: the ids of processes that would not end.
    """
    root = place / "root"
    left = _shut_down(root)
    close_way(name)
    for command in (["ip", "netns", "delete", name], ["umount", str(root)]):
        subprocess.run(command, capture_output=True, check=False)
    if not os.path.ismount(root):
        shutil.rmtree(place, ignore_errors=True)
    return left


def _shut_down(root: Path) -> list[int]:
    patience = time.monotonic() + STOP_SECONDS
    # Asked again and again: one that is just being rebooted has no first process yet, or one that does not listen.
    while running := _find_processes(root):
        late = time.monotonic() - patience
        if late > STOP_SECONDS:
            return [one.pid for one in running]
        for one in running:
            with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
                if not _is_container(one) or late > 0:
                    # The shell that would start the container again; or a container that does not hear.
                    one.terminate()
                    continue
                # The first process inside is told, as a button would; the container then ends by itself.
                for first in one.children():
                    os.kill(first.pid, POWER_OFF)
        psutil.wait_procs(running, timeout=1)
    return []


def _find_processes(root: Path) -> list[psutil.Process]:
    word = f"--directory={root}"
    found = psutil.process_iter(["cmdline", "status"])
    return [one for one in found if word in (one.info["cmdline"] or ()) and one.info["status"] != psutil.STATUS_ZOMBIE]


def _is_container(process: psutil.Process) -> bool:
    return process.cmdline()[:1] != ["sh"]
