"""The server to deploy to boots, lets one in, reaches the outside, comes back from a reboot, and leaves nothing."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from cookbook.runner.services import ServiceError, find, start
from cookbook.runner.services.clearing import PREFIX, clear, clear_abandoned
from cookbook.runner.services.target import ADDRESS

# debootstrap takes its time when nobody has made the server before: tests share one, and the cache of all runs.
CACHE = Path(__file__).parents[4] / "build/cache/services"


def list_traces(name, place):
    """What a server leaves on this machine if it is not cleared: its namespace, link, table, mount and folder."""
    commands = [["ip", "netns", "list"], ["ip", "-brief", "link"], ["nft", "list", "tables"]]
    told = [subprocess.run(command, capture_output=True, text=True, check=True).stdout for command in commands]
    return [name in text for text in told] + [place in Path("/proc/mounts").read_text(), Path(place).exists()]


@pytest.fixture(scope="module")
def need(needs, give_up):
    need = needs["target"]
    if (found := find(need)).source == "missing":
        give_up(f"{found.reason} {found.install}")
    return need


@pytest.fixture
def server(need, create_namespace, tmp_path):
    inside = create_namespace()
    server = start(need, inside.namespace, tmp_path, CACHE)
    name, place = server.log.read_text().splitlines()[0].split()[1::2]
    assert all(list_traces(name, place))

    def run(command, check=True):
        options = server.environment["ANSIBLE_SSH_COMMON_ARGS"].split()
        key = server.environment["ANSIBLE_PRIVATE_KEY_FILE"]
        options += ["-o", "BatchMode=yes", "-o", "ConnectTimeout=5", "-i", key]
        argv = inside.namespace.command(["ssh", *options, f"root@{ADDRESS}", command])
        return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=check)

    yield server, run
    server.stop()
    assert not any(list_traces(name, place))
    words = [one.info["cmdline"] or [] for one in psutil.process_iter(["cmdline"])]
    assert not any(f"--machine={name}" in line for line in words)


def test_a_fresh_debian_is_let_in_and_out(server):
    described, run = server
    assert (described.label, described.host, described.port) == ("Debian", ADDRESS, 22)
    assert run("cat /etc/debian_version").stdout.strip() == described.version
    assert run("ps -p 1 -o comm= 2>/dev/null || cat /proc/1/comm").stdout.strip() == "systemd"
    assert run("systemctl is-system-running --wait", check=False).stdout.strip() == "running"
    # Nothing but SSH listens, and nothing of what a deployment installs is there.
    assert run("command -v nginx psql redis-server", check=False).stdout == ""
    assert "Reading package lists" in run("apt-get update 2>&1").stdout
    assert run("apt-get update 2>&1 | grep -c '^W: \\|^E: '", check=False).stdout.strip() == "0"


def test_it_comes_back_from_a_reboot(server):
    _, run = server
    run("touch /run/before /root/kept")
    run("systemctl reboot", check=False)
    deadline = time.monotonic() + 60
    while run("test ! -e /run/before", check=False).returncode and time.monotonic() < deadline:
        time.sleep(0.5)
    assert run("ls /run/before /root/kept 2>/dev/null", check=False).stdout == "/root/kept\n"


def test_one_that_is_just_being_rebooted_is_cleared(server):
    """The fixture looks for traces, and for processes that outlived their files."""
    _, run = server
    run("systemctl reboot", check=False)
    time.sleep(0.3)


def test_the_server_of_a_killed_process_is_cleared_by_the_next(need, tmp_path):
    script = f"""
import os, pathlib, signal
from cookbook.runner.namespace import Namespace
from cookbook.runner.services import read_needs, start
server = start(read_needs(pathlib.Path({str(CACHE.parents[2] / "conf")!r}))["target"], Namespace.create(),
               pathlib.Path({str(tmp_path)!r}), pathlib.Path({str(CACHE)!r}))
print(server.log.read_text().splitlines()[0], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, timeout=120)
    name, place = done.stdout.split()[1::2]
    assert done.returncode == -9 and all(list_traces(name, place))
    clear_abandoned(PREFIX, clear)
    assert not any(list_traces(name, place))


def test_it_takes_root_and_a_network(need, tmp_path):
    from cookbook.runner.namespace import NoNamespace

    with pytest.raises(ServiceError, match="takes root"):
        start(need, NoNamespace(), tmp_path, CACHE)


def test_root_is_asked_for_before_anything_is_looked_for(needs, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    found = find(needs["target"])
    assert (found.source, found.reason) == ("missing", "It takes root.")
