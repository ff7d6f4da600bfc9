"""Without namespaces servers run on the host: beside what is there, as any user, or as one that was named."""

import contextlib
import importlib.metadata
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from cookbook.runner.services import ServiceError, start


@pytest.fixture
def take_port():
    """Listen on a port, unless something does already."""
    taken = contextlib.ExitStack()

    def take(port):
        with contextlib.suppress(OSError):
            taken.enter_context(socket.create_server(("127.0.0.1", port)))

    with taken:
        yield take


@pytest.mark.parametrize("name", ["redis", "postgresql", "mariadb", "rabbitmq", "s3"])
def test_a_taken_port_is_substituted(name, host, take_port, run_server, needs):
    standard = needs[name].ports[0]
    take_port(standard)
    server = run_server(name, host)
    assert server.port != standard
    assert server.substitutions[f"localhost:{standard}"] == f"localhost:{server.port}"
    assert server.substitutions[f"127.0.0.1:{standard}"] == f"127.0.0.1:{server.port}"
    children = {child.pid for child in psutil.Process().children(recursive=True)}
    server.stop()
    assert not any(psutil.pid_exists(pid) for pid in children - {c.pid for c in psutil.Process().children(True)})
    with pytest.raises(ConnectionRefusedError):
        host.connect(server.port)


def test_a_named_server_is_used_and_left_running(host, run_server, needs, tmp_path, monkeypatch):
    own = run_server("redis", host)
    monkeypatch.setenv("COOKBOOK_REDIS", f"localhost:{own.port}")
    server = start(needs["redis"], host, tmp_path, tmp_path)
    assert (server.source, server.label, server.version) == ("address", own.label, own.version)
    if own.port != 6379:
        assert server.substitutions["127.0.0.1:6379"] == f"localhost:{own.port}"
    server.stop()
    host.connect(own.port).close()


def test_a_named_server_that_is_not_there_is_told(host, needs, tmp_path, monkeypatch):
    monkeypatch.setenv("COOKBOOK_REDIS", "localhost:1")
    with pytest.raises(ServiceError, match="no Redis answers there"):
        start(needs["redis"], host, tmp_path, tmp_path)


def test_a_namespace_cannot_reach_a_named_server(inside, needs, tmp_path, monkeypatch):
    monkeypatch.setenv("COOKBOOK_REDIS", "localhost:1")
    with pytest.raises(ServiceError, match="Run without namespaces"):
        start(needs["redis"], inside.namespace, tmp_path, tmp_path)


AS_NOBODY = """
import os, sys
from pathlib import Path
from cookbook.runner.namespace import Namespace, NoNamespace
from cookbook.runner.services import read_needs, start

assert os.geteuid() != 0
needs, folder = read_needs(Path(sys.argv[1])), Path(sys.argv[2])
for place in (Namespace.create, NoNamespace):
    with place() as namespace:
        for name in sys.argv[3:]:
            server = start(needs[name], namespace, folder / "servers", folder / "cache")
            print(name, "answers", flush=True)
            server.stop()
"""


def test_an_ordinary_user_can_run_them_all(conf, needs, get_need, create_namespace, give_up):
    if os.geteuid() != 0:
        pytest.skip("the other tests run as an ordinary user already")
    create_namespace()
    names = [get_need(name).name for name in ("postgresql", "mariadb", "redis", "rabbitmq")]
    python = find_python() or give_up("no Python of this version that the user nobody may run")
    folder = Path(tempfile.mkdtemp(prefix="nobody-"))
    try:
        folder.chmod(0o777)
        command = [shutil.which("runuser"), "-u", "nobody", "--", python, "-c", AS_NOBODY, conf, folder, *names]
        # Copied: a checkout, and tox's environments, may lie where nobody may not look.
        library = folder / "library"
        for package in (conf.parent / "cookbook", Path(psutil.__file__).parent, *list_wheels(needs)):
            shutil.copytree(package, library / package.name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(conf, library / "conf")
        command[command.index(conf)] = library / "conf"
        environment = {
            "PYTHONPATH": str(library),
            "PATH": "/usr/local/bin:/usr/bin:/bin",
        }
        done = subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, timeout=150)
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines() == [f"{name} answers" for name in names] * 2
    finally:
        shutil.rmtree(folder)


def list_wheels(needs):
    """The folders of the wheels that carry servers."""
    names = [need.wheel for need in needs.values() if need.wheel]
    installed = [importlib.metadata.distribution(name) for name in names]
    tops = {wheel.locate_file(file.parts[0]) for wheel in installed for file in wheel.files if len(file.parts) > 1}
    return sorted(path for path in map(Path, tops) if path.is_dir() and path.name != "..")


def find_python():
    """A Python of this version that nobody may run: this one may lie in root's home."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        if subprocess.run(["runuser", "-u", "nobody", "--", candidate, "-c", ""], capture_output=True).returncode == 0:
            return candidate
    return None
