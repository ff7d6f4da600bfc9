"""A fresh Debian in a folder, with mounts and processes of its own, and one user who may use sudo."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Self

USER = "ada"
SUITE = "bookworm"
MIRROR = "http://deb.debian.org/debian"
# What a small server has from the start; everything else has to be installed by what is tested.
PACKAGES = "ca-certificates,sudo"
# How this machine reaches the registries of packages; the new one has the same way.
INHERITED = ("PIP_CERT", "PIP_DEFAULT_TIMEOUT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "http_proxy", "https_proxy")
FILES = ("etc/resolv.conf", "etc/hosts", "etc/pip.conf", "etc/ssl/certs/ca-certificates.crt")


class Debian:
    """A Debian that runs as long as this object is open.

    :param root: an empty folder for it.
    """

    def __init__(self, root: Path) -> None:
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, root, MIRROR]
        subprocess.run(command, check=True, capture_output=True)
        # pytest's folders are its user's alone; this one is everybody's root.
        root.chmod(0o755)
        for name in FILES:
            if (source := Path("/", name)).is_file():
                shutil.copyfile(source, root / name)
        self.root = root
        self.home = root / "home" / USER
        start = f"mount -t proc proc {root}/proc && mount --bind /dev {root}/dev && exec sleep infinity"
        unshare = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation=private"]
        self._holder = subprocess.Popen([*unshare, "sh", "-c", start])
        self._first = self._find_first()
        self.run("useradd", "--create-home", "--shell", "/bin/bash", USER, user="root")
        (root / "etc/sudoers.d" / USER).write_text(f"{USER} ALL=(ALL) NOPASSWD: ALL\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End every process and every mount."""
        os.kill(self._first, signal.SIGKILL)
        self._holder.wait(30)

    def _find_first(self) -> int:
        for _ in range(100):
            children = Path(f"/proc/{self._holder.pid}/task/{self._holder.pid}/children").read_text().split()
            if children and os.path.ismount(f"/proc/{children[0]}/root{self.root}/dev"):
                return int(children[0])
            time.sleep(0.05)
        raise TimeoutError("The mounts of the new Debian were not made.")

    def run(
        self, *command: str, user: str = USER, check: bool = True, seconds: float = 600
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the user's project.

        :param command: program and arguments.
        :param user: who runs it.
        :param check: whether another exit status than 0 is an error.
        :param seconds: how long it may take.
        :returns: how it ended, with what it said.
        """
        variables = {name: os.environ[name] for name in INHERITED if name in os.environ}
        # uv brings certificates of its own, and not those of this machine.
        variables.setdefault("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt")
        settings = [f"{name}={value}" for name, value in variables.items()]
        home = "/root" if user == "root" else f"/home/{USER}"
        enter = ["nsenter", f"--target={self._first}", "--mount", "--pid", "chroot", str(self.root)]
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        become = ["runuser", "-u", user, "--", "env", "-i", path, f"HOME={home}", "LANG=C.UTF-8", *settings]
        where = ["sh", "-c", 'cd "$HOME/cookiecutter" 2>/dev/null || cd; exec "$@"', "sh"]
        done = subprocess.run(
            [*enter, *become, *where, *command],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert not check or done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout[-4000:]}"
        return done
