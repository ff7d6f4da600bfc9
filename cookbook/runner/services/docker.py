"""Start Docker's daemon in the manifest's network, with images at hand and nothing else of the machine's.

Its containers publish their ports where the manifest's steps look for them, and reach the outside as builds need it,
through this machine. The daemon itself, like the steps, does not: an image that is not at hand cannot be pulled, and
what a page shows ran on what the evidence names.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psutil

from cookbook.runner.namespace import Namespace
from cookbook.runner.services.clearing import PLACES, claim, clear_abandoned
from cookbook.runner.services.errors import ServiceError
from cookbook.runner.services.launch import Launch, NotReadyError
from cookbook.runner.services.outside import DEVICE, choose_name, close_way, do, open_way
from cookbook.runner.services.server import Server, read_tail
from cookbook.runner.services.standins import make_images, name_template
from cookbook.runner.services.template import keep_template

PREFIX = "cookbook-docker-"
CONTROL_GROUPS = Path("/sys/fs/cgroup")
STOP_SECONDS = 40.0
KILL_SECONDS = 5.0


def start(launch: Launch) -> Server:
    """Start the daemon and wait until it answers."""
    if os.geteuid() != 0 or not isinstance(launch.namespace, Namespace):
        raise ServiceError(f"{launch.need.label} takes root, and a network of its own; run this as root on Linux.")
    clear_abandoned(PREFIX, clear)
    daemon = _Daemon(launch)
    launch.endings.append(daemon.end)
    daemon.open_network()

    def make(folder: Path) -> None:
        folder.mkdir()
        daemon.plug_in(folder / "plugins")
        daemon.run(folder / "data")
        make_images(launch, folder, daemon.call)
        daemon.stop()

    template = keep_template(launch.cache, name_template(launch), make)
    # Docker changes what it holds: each daemon has its own copy.
    do("cp", "--archive", "--reflink=auto", str(template / "data"), str(daemon.data))
    version = daemon.run(daemon.data)
    daemon.plug_in(template / "plugins")
    client = launch.provision.programs["docker"].parent
    return launch.finish("Docker", version, daemon.environment, [client])


class _Daemon:
    """The daemon and its network; what it leaves behind is cleared by ``end``."""

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._place = Path(tempfile.mkdtemp(prefix=PREFIX, dir=PLACES))
        self._name, self._outer, self._inner = choose_name()
        self._owner = claim(self._place, self._name)
        self.data = self._place / "data"
        self.settings = launch.short / "docker"
        self._socket = launch.short / "docker.sock"
        # Builds by BuildKit, also where the client is an old one.
        self.environment = {
            "DOCKER_HOST": f"unix://{self._socket}",
            "DOCKER_CONFIG": str(self.settings),
            "DOCKER_BUILDKIT": "1",
        }
        self._process: subprocess.Popen[bytes]

    def open_network(self) -> None:
        """Let containers out, and nobody else: neither the daemon nor the manifest's steps."""
        assert isinstance(self._launch.namespace, Namespace)  # noqa: S101 - `start` saw to it
        holder = str(self._launch.namespace.pid)
        self._enter = ["nsenter", f"--target={holder}", "--net"]
        open_way(self._name, self._outer, self._inner, holder, [*self._enter, "ip"])
        rules = f'chain out {{ type filter hook output priority 0; oifname "{DEVICE}" reject; }};'
        do(*self._enter, "nft", f"table inet cookbook {{ {rules} }}")

    def run(self, data: Path) -> str:
        """Run the daemon on a folder of data and wait until it answers; return its version."""
        programs = self._launch.provision.programs
        command = [*self._enter, "unshare", "--mount", "--propagation=slave", str(programs["dockerd"])]
        command += [f"--data-root={data}", f"--exec-root={self._place / 'run'}", f"--host=unix://{self._socket}"]
        command += [
            f"--pidfile={self._place / 'pid'}",
            "--log-level=warn",
            "--shutdown-timeout=5",
            f"--cgroup-parent=/{self._name}",
        ]
        folders = dict.fromkeys(str(program.parent) for program in programs.values())
        path = os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)])
        with self._launch.log.open("ab") as log:
            log.write(f"Starting {self._name} in {self._place}\n".encode())
            log.flush()
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=self._launch.make_environment({"PATH": path}),
                start_new_session=True,
            )
        return self._launch.wait(self._ask)

    def call(self, *argv: str) -> str:
        """Call the client, outside the manifest's network; return what it printed."""
        program = str(self._launch.provision.programs["docker"])
        return do(program, *argv, environment=self.environment, seconds=self._launch.need.seconds)

    def plug_in(self, plugins: Path) -> None:
        """Let the client find its plugins."""
        place = self.settings / "cli-plugins"
        place.parent.mkdir(exist_ok=True)
        place.unlink(missing_ok=True)
        place.symlink_to(plugins)

    def stop(self) -> None:
        """End the daemon, its containers before."""
        _end(self._place)
        self._process.wait()

    def end(self) -> list[int]:
        """End the daemon and take its network and files away; return what would not end."""
        try:
            return clear(self._place, self._name)
        finally:
            self._owner.close()

    def _ask(self) -> str:
        if self._process.poll() is not None:
            raise ServiceError("Docker's daemon ended; its last lines say why.", read_tail(self._launch.log))
        try:
            return self.call("version", "--format", "{{.Server.Version}}").strip().partition("+")[0]
        except ServiceError as error:
            raise NotReadyError(str(error)) from error


def clear(place: Path, name: str) -> list[int]:
    """End a daemon with its containers, and take its network and files away.

    :param place: its folder.
    :param name: of its way out.
    :returns: the ids of processes that would not end.
    """
    left = _end(place)
    close_way(name)
    # Groups that hold nothing; the folders of the older kind of them lie below their controllers'.
    for group in (*CONTROL_GROUPS.glob(name), *CONTROL_GROUPS.glob(f"*/{name}")):
        for folder, _folders, _files in os.walk(group, topdown=False):
            with contextlib.suppress(OSError):
                Path(folder).rmdir()
    if not left:
        shutil.rmtree(place, ignore_errors=True)
    return left


def _end(place: Path) -> list[int]:
    """Ask the daemon to end, which stops its containers; kill what is there after that."""
    running = _find_processes(place)
    for one in running:
        with contextlib.suppress(psutil.NoSuchProcess):
            if one.name() == "dockerd":
                one.terminate()
    if any(_is_daemon(one) for one in running):
        _gone, running = psutil.wait_procs(running, timeout=STOP_SECONDS)
    # The daemon was killed, or hangs: its containers live on as children of what held them.
    doomed = [child for one in running for child in _list_family(one)]
    for one in doomed:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    _gone, left = psutil.wait_procs(doomed, timeout=KILL_SECONDS)
    return [one.pid for one in left]


def _is_daemon(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.name() == "dockerd"
    return False


def _list_family(process: psutil.Process) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return [*process.children(recursive=True), process]
    return []


def _find_processes(place: Path) -> list[psutil.Process]:
    # The daemon, what it starts, and what holds each container name a file below the place.
    found = psutil.process_iter(["cmdline", "status"])
    return [
        one
        for one in found
        if any(str(place) in word for word in one.info["cmdline"] or ()) and one.info["status"] != psutil.STATUS_ZOMBIE
    ]
