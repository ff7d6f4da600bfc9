"""Docker's daemon runs containers in the manifest's network, lets only them out, and leaves nothing behind."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from cookbook.runner.namespace import NoNamespace
from cookbook.runner.services import ServiceError, find, start
from cookbook.runner.services.clearing import clear_abandoned
from cookbook.runner.services.docker import PREFIX, clear

# Debian's packages take their time when nobody has made the images before: tests share them with all runs.
CACHE = Path(__file__).parents[4] / "build/cache/services"


def read_start(log):
    """The daemon's name and its place, from its log."""
    return [line for line in log.read_text().splitlines() if line.startswith("Starting cb")][-1].split()[1::2]


def list_traces(name, place):
    """What a daemon leaves on this machine if it is not cleared: link, table, mounts, cgroups, folder, processes."""
    commands = [["ip", "-brief", "link"], ["nft", "list", "tables"]]
    told = [subprocess.run(command, capture_output=True, text=True, check=True).stdout for command in commands]
    lines = [" ".join(one.info["cmdline"] or []) for one in psutil.process_iter(["cmdline"])]
    return {
        "link": name in told[0],
        "table": name in told[1],
        "mounts": place in Path("/proc/mounts").read_text(),
        "folder": Path(place).exists(),
        "groups": any(Path("/sys/fs/cgroup").glob(f"*/{name}")) or Path("/sys/fs/cgroup", name).exists(),
        "processes": any(place in line for line in lines),
    }


@pytest.fixture(scope="module")
def need(needs, give_up):
    need = needs["docker"]
    if (found := find(need)).source == "missing":
        give_up(f"{found.reason} {found.install}")
    return need


@pytest.fixture
def docker(need, create_namespace, tmp_path):
    inside = create_namespace()
    server = start(need, inside.namespace, tmp_path, CACHE)
    name, place = read_start(server.log)

    def run(*argv, check=True):
        environment = {**os.environ, **server.environment}
        command = inside.namespace.command(list(argv))
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=check, env=environment)

    yield server, run
    traces = list_traces(name, place)
    assert traces.pop("link") and traces.pop("table") and traces.pop("folder") and traces.pop("processes")
    server.stop()
    assert not any(list_traces(name, place).values())


def test_what_a_container_publishes_is_reached_by_the_steps(docker):
    server, run = docker
    assert (server.label, server.port) == ("Docker", 0)
    served = ["python", "-m", "http.server", "--directory", "/etc", "8000"]
    run("docker", "run", "--detach", "--publish=127.0.0.1:8000:8000", "python:3.13-slim", *served)
    url = "127.0.0.1:8000/debian_version"
    told = run("curl", "--silent", "--retry", "20", "--retry-delay", "1", "--retry-all-errors", url)
    assert told.stdout.startswith("13.")
    # A container that still runs is stopped with the daemon: the fixture looks for its traces.


def test_containers_reach_the_outside_and_steps_do_not(docker):
    _, run = docker
    inside = run("docker", "run", "--rm", "python:3.13-slim", "apt-get", "update")
    assert "Reading package lists" in inside.stdout and "W:" not in inside.stdout + inside.stderr
    assert run("curl", "--silent", "--max-time", "3", "http://deb.debian.org", check=False).returncode in (6, 7)
    pulled = run("docker", "pull", "alpine:3", check=False)
    assert pulled.returncode and "registry-1.docker.io" in pulled.stderr


def test_compose_and_its_builder_are_there(docker):
    _, run = docker
    assert run("docker", "compose", "version", "--short").stdout.startswith("2.")
    assert "buildx" in run("docker", "buildx", "version").stdout
    listed = run("docker", "image", "ls", "--format={{.Repository}}:{{.Tag}}").stdout.split()
    assert set(listed) == {"python:3.13-slim", "postgres:18", "redis:8"}


def test_the_daemon_of_a_killed_process_is_cleared_by_the_next(need, tmp_path):
    script = f"""
import os, pathlib, signal, subprocess
from cookbook.runner.namespace import Namespace
from cookbook.runner.services import read_needs, start
server = start(read_needs(pathlib.Path({str(CACHE.parents[2] / "conf")!r}))["docker"], Namespace.create(),
               pathlib.Path({str(tmp_path)!r}), pathlib.Path({str(CACHE)!r}))
command, quiet = ["docker", "run", "--detach", "redis:8"], subprocess.DEVNULL
subprocess.run(command, env=os.environ | server.environment, stdout=quiet, check=True)
print(server.log.resolve(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, timeout=300)
    name, place = read_start(Path(done.stdout.strip()))
    assert done.returncode == -9 and list_traces(name, place)["processes"]
    clear_abandoned(PREFIX, clear)
    assert not any(list_traces(name, place).values())


def test_it_takes_root_and_a_network(need, tmp_path):
    with pytest.raises(ServiceError, match="takes root"):
        start(need, NoNamespace(), tmp_path, CACHE)
