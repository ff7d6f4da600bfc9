"""Give the tests real servers: what this machine lacks fails in CI and is skipped, visibly, elsewhere."""

import os
import subprocess
from pathlib import Path

import pytest

from cookbook.runner.namespace import Namespace, NoNamespace
from cookbook.runner.services import Need, find, read_needs, start

ROOT = Path(__file__).parents[4]
IN_CI = os.environ.get("CI", "").lower() in ("1", "true")
LISTENING = "0A"
LOOPBACK = {"0100007F", "00000000000000000000000001000000"}


def give_up(reason):
    (pytest.fail if IN_CI else pytest.skip)(reason)


class Inside:
    """Run clients in a namespace and look at what is left there."""

    def __init__(self, namespace):
        self.namespace = namespace

    def shell(self, script, server=None, check=True):
        environment = dict(os.environ)
        if server:
            environment |= server.environment
            environment["PATH"] = os.pathsep.join([*map(str, server.path_entries), environment["PATH"]])
        done = subprocess.run(
            self.namespace.command(["bash", "-c", script]), env=environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0 or not check, done.stderr
        return done.stdout.strip()

    def listening(self):
        """The addresses and ports that something listens on."""
        rows = [
            line.split() for line in self.shell("cat /proc/net/tcp /proc/net/tcp6 2>/dev/null || true").splitlines()
        ]
        found = [row[1].split(":") for row in rows if len(row) > 3 and row[3] == LISTENING]
        return {(address, int(port, 16)) for address, port in found}

    def addresses_beyond_loopback(self):
        return {address for address, _ in self.listening()} - LOOPBACK

    def processes(self):
        """The processes that live in the namespace, apart from the one that holds it."""
        holder = self.namespace._holder.pid
        home = Path(f"/proc/{holder}/ns/net").readlink()
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdecimal() and int(entry.name) != holder and (entry / "ns/net").readlink() == home:
                    found.append((entry / "comm").read_text().strip())
            except OSError:
                continue
        return found


@pytest.fixture(scope="session")
def conf():
    return ROOT / "conf"


@pytest.fixture(scope="session")
def needs(conf):
    return read_needs(conf)


@pytest.fixture(name="give_up", scope="session")
def give_up_fixture():
    return give_up


@pytest.fixture(scope="session")
def cache(tmp_path_factory, worker_id):
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / "services-cache"


@pytest.fixture
def get_need(needs):
    def get(name) -> Need:
        need = needs[name]
        if (provision := find(need)).source == "missing":
            give_up(f"{need.label} is missing: {provision.reason} Install it: {provision.install}")
        return need

    return get


@pytest.fixture
def create_namespace():
    """Make namespaces; all are closed at the end."""
    made = []

    def create():
        possible, reason = Namespace.available()
        if not possible:
            give_up(reason)
        made.append(Namespace.create())
        return Inside(made[-1])

    yield create
    for namespace in made:
        namespace.close()


@pytest.fixture
def inside(create_namespace):
    return create_namespace()


@pytest.fixture
def host():
    return NoNamespace()


@pytest.fixture
def run_server(get_need, tmp_path, cache):
    """Start servers by name; all are stopped at the end."""
    started = []

    def run(name, namespace, need=None):
        server = start(need or get_need(name), namespace, tmp_path / "servers", cache)
        started.append(server)
        return server

    yield run
    for server in started:
        server.stop()


@pytest.fixture
def write_stub(tmp_path, monkeypatch):
    """Put a shell script on PATH, before everything else, under the name of a server."""

    def write(name, body):
        folder = tmp_path / "stubs"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        return folder / name

    return write
