"""Clear what a server to deploy to leaves on this machine: its processes, its network, its files."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import IO

import psutil

PLACES, PREFIX = Path("/var/tmp"), "cookbook-target-"  # noqa: S108
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


def clear_abandoned() -> None:
    """Clear the servers of processes that were killed before they could do it themselves."""
    for path in PLACES.glob(f"{PREFIX}*/{OWNER}"):
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
    for command in (
        ["nft", "delete", "table", "ip", name],
        ["ip", "link", "delete", name],
        ["ip", "netns", "delete", name],
        ["umount", str(root)],
    ):
        subprocess.run(command, capture_output=True, check=False)
    if not os.path.ismount(root):
        shutil.rmtree(place, ignore_errors=True)
    return left


def _shut_down(root: Path) -> list[int]:
    word = f"--directory={root}"
    # The shell that starts the container again after a reboot, and the container.
    running = [one for one in psutil.process_iter(["cmdline"]) if word in (one.info["cmdline"] or ())]
    containers = [one for one in running if one.info["cmdline"][0].endswith("systemd-nspawn")]
    # The first process inside is told, as a button would; the container then ends by itself.
    for first in [child for one in containers for child in _list_children(one)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(first.pid, POWER_OFF)
    _, left = psutil.wait_procs(running, timeout=STOP_SECONDS)
    for one in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.terminate()
    _, left = psutil.wait_procs(left, timeout=STOP_SECONDS)
    return [one.pid for one in left]


def _list_children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children()
    except psutil.NoSuchProcess:
        return []
