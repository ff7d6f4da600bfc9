"""Boot a throwaway Debian server to deploy to: systemd as its first process, SSH for root, a network of its own.

It is a container of systemd-nspawn, whose files are those of a fresh Debian. The manifest's network reaches it at
``ADDRESS``, as a reader reaches a server of theirs; the server itself reaches the outside through this machine, since
a deployment installs packages. Its loopback and its ports are nobody else's.
"""

import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from cookbook.runner.namespace import Namespace
from cookbook.runner.services.clearing import PLACES, PREFIX, claim, clear, clear_abandoned
from cookbook.runner.services.errors import ServiceError
from cookbook.runner.services.launch import Launch, NotReadyError
from cookbook.runner.services.outside import choose_name, do, open_way
from cookbook.runner.services.server import Server, read_tail
from cookbook.runner.services.template import keep_template

MIRROR = "http://deb.debian.org/debian"
# What a rented server has when one logs in for the first time; all else is the deployment's work.
PACKAGES = "systemd,systemd-sysv,dbus,openssh-server,python3,sudo,ca-certificates,iproute2,libpam-systemd"
# An address that is nobody's (RFC 5737), so that a page can show it and it is what ran.
ADDRESS, NEIGHBOUR = "198.51.100.10", "198.51.100.9"
# How this machine reaches the registries of packages: the server has the same way.
INHERITED = ("etc/resolv.conf", "etc/pip.conf", "etc/ssl/certs/ca-certificates.crt")
VARIABLES = ("PIP_CERT", "PIP_DEFAULT_TIMEOUT", "http_proxy", "https_proxy", "no_proxy")
# By this status the container says that it wants to be started again.
AGAIN = 'while :; do "$@"; status=$?; [ "$status" = 133 ] || exit "$status"; done'


def start(launch: Launch) -> Server:
    """Boot the server and wait until one can log in."""
    if os.geteuid() != 0 or not isinstance(launch.namespace, Namespace):
        raise ServiceError(f"{launch.need.label} takes root, and a network of its own; run this as root on Linux.")
    suite = launch.need.suite or "stable"
    key = f"target-{suite}-{hashlib.sha256(PACKAGES.encode()).hexdigest()[:12]}"
    template = keep_template(launch.cache, key, lambda folder: _install(folder, suite, launch))
    clear_abandoned(PREFIX, clear)
    machine = _Machine(launch, template)
    launch.endings.append(machine.end)
    machine.boot()

    def ask() -> str:
        if machine.process.poll() is not None:
            raise ServiceError(f"{launch.need.label} did not boot; its last lines say why.", read_tail(launch.log))
        with launch.namespace.connect(22, ADDRESS) as connection:
            return greet(connection)

    launch.wait(ask)
    version = (machine.root / "etc/debian_version").read_text().strip()
    server = launch.finish("Debian", version, machine.describe_login(), [])
    server.host = ADDRESS
    return server


def greet(connection: socket.socket) -> str:
    """Return how the server introduces itself.

    Raises:
        NotReadyError: it is no SSH server yet.
    """
    line = connection.recv(100).decode(errors="replace")
    if not line.startswith("SSH-2.0-"):
        raise NotReadyError(f"it says {line!r}")
    return line.strip()


def _install(folder: Path, suite: str, launch: Launch) -> None:
    program = str(launch.provision.programs["debootstrap"])
    do(program, "--variant=minbase", f"--include={PACKAGES}", suite, str(folder), MIRROR)
    # mkdtemp's folders are their maker's alone, and this one is everybody's root.
    folder.chmod(0o755)
    # Each server makes keys of its own when it boots.
    for path in (folder / "etc/ssh").glob("ssh_host_*"):
        path.unlink()
    sources = [f"deb {MIRROR} {suite} main", f"deb {MIRROR} {suite}-updates main"]
    sources.append(f"deb {MIRROR}-security {suite}-security main")
    (folder / "etc/apt/sources.list").write_text("\n".join(sources) + "\n")
    shutil.rmtree(folder / "var/cache/apt/archives", ignore_errors=True)


class _Machine:
    """The container, its files and its network; what it leaves behind is cleared by ``end``."""

    def __init__(self, launch: Launch, template: Path) -> None:
        self.launch = launch
        self._template = template
        # Not below the folder of servers: that may be closed to others, and a container's root must not be.
        self._place = Path(tempfile.mkdtemp(prefix=PREFIX, dir=PLACES))
        self._place.chmod(0o755)
        self.root = self._place / "root"
        self.name, self._outer, self._inner = choose_name()
        self._owner = claim(self._place, self.name)
        self.process: subprocess.Popen[bytes]

    def boot(self) -> None:
        for name in ("upper", "work", "root"):
            (self._place / name).mkdir(mode=0o755)
        layers = f"lowerdir={self._template},upperdir={self._place}/upper,workdir={self._place}/work"
        do("mount", "-t", "overlay", "overlay", "-o", layers, str(self.root))
        self._write_files()
        self._make_network()
        command = ["systemd-nspawn", "--boot", "--quiet", "--register=no", "--keep-unit", f"--machine={self.name}"]
        command += [f"--directory={self.root}", f"--network-namespace-path=/run/netns/{self.name}"]
        # It has a network of its own, whose firewall it may set.
        command += [
            "--capability=CAP_NET_ADMIN",
            "--console=read-only",
            "--resolv-conf=off",
            "--timezone=off",
            "--link-journal=no",
        ]
        with self.launch.log.open("ab") as log:
            log.write(f"Booting {self.name} in {self._place}\n".encode())
            log.flush()
            self.process = subprocess.Popen(
                ["sh", "-c", AGAIN, "sh", *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
            )

    def describe_login(self) -> dict[str, str]:
        """Return what lets Ansible log in: the key, and the server's own, which a reader has confirmed before."""
        known = self.launch.folder / "known_hosts"
        keys = [path.read_text().split()[:2] for path in sorted((self.root / "etc/ssh").glob("ssh_host_*_key.pub"))]
        known.write_text("".join(f"{ADDRESS} {' '.join(key)}\n" for key in keys))
        short = self.launch.short
        return {
            "ANSIBLE_PRIVATE_KEY_FILE": str(self._key),
            "ANSIBLE_SSH_COMMON_ARGS": f"-o UserKnownHostsFile={known} -o IdentitiesOnly=yes",
            # Tasks share a connection, and it ends soon after the last of them.
            "ANSIBLE_SSH_ARGS": "-o ControlMaster=auto -o ControlPersist=1s",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(short / "ssh"),
            # Steps run as a user whose home is not theirs.
            "ANSIBLE_HOME": str(short / "home"),
            "ANSIBLE_REMOTE_TMP": "/tmp/.ansible",  # noqa: S108
        }

    def end(self) -> list[int]:
        """Shut the server down and take its network and files away; return what would not end."""
        try:
            return clear(self._place, self.name)
        finally:
            self._owner.close()

    def _write_files(self) -> None:
        self._key = self.launch.folder / "key"
        do("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "cookbook", "-f", str(self._key))
        allowed = self.root / "root/.ssh"
        allowed.mkdir(mode=0o700, exist_ok=True)
        shutil.copyfile(self._key.with_suffix(".pub"), allowed / "authorized_keys")
        for name in INHERITED:
            if (source := Path("/", name)).is_file():
                (self.root / name).unlink(missing_ok=True)
                shutil.copyfile(source, self.root / name)
        environment = {name: os.environ[name] for name in VARIABLES if name in os.environ}
        (self.root / "etc/environment").write_text("".join(f"{name}={value}\n" for name, value in environment.items()))
        (self.root / "etc/hostname").write_text("server\n")
        do("chroot", str(self.root), "ssh-keygen", "-A")

    def _make_network(self) -> None:
        inside = ["ip", "-n", self.name]
        do("ip", "netns", "add", self.name)
        do(*inside, "link", "set", "lo", "up")
        # To this machine, and from there to the outside.
        open_way(self.name, self._outer, self._inner, self.name, inside)
        # To the manifest: there the server is a neighbour.
        assert isinstance(self.launch.namespace, Namespace)  # noqa: S101 - `start` saw to it
        holder = self.launch.namespace.pid
        do(*inside, "link", "add", "public", "type", "veth", "peer", "name", "servers", "netns", str(holder))
        do(*inside, "address", "add", f"{ADDRESS}/30", "dev", "public")
        do(*inside, "link", "set", "public", "up")
        manifest = ["nsenter", f"--target={holder}", "--net", "ip"]
        do(*manifest, "address", "add", f"{NEIGHBOUR}/30", "dev", "servers")
        do(*manifest, "link", "set", "servers", "up")
