"""A namespace has a network of its own, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from cookbook.runner.namespace import Namespace, NamespaceError, NoNamespace

ECHO = """
import socket
with socket.create_server(("127.0.0.1", 7007)) as server:
    print("ready", flush=True)
    server.accept()[0].sendall(b"from inside")
"""


def wait_for_end(pid, seconds=8):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def test_it_is_available_or_says_why():
    possible, reason = Namespace.available()
    assert possible != bool(reason)
    assert not reason or reason.endswith(".")


def test_inside_is_an_ordinary_user_with_an_entry_in_passwd(inside):
    assert inside.shell("id -u") != "0"
    assert inside.shell("id -un")


def test_files_written_inside_belong_to_the_caller(inside, tmp_path):
    inside.shell(f"touch {tmp_path}/file")
    assert (tmp_path / "file").stat().st_uid == os.geteuid()


def test_the_program_runs_under_the_id_that_the_caller_sees(inside):
    with subprocess.Popen(inside.namespace.command(["sh", "-c", "echo $$"]), stdout=subprocess.PIPE) as program:
        assert int(program.stdout.read()) == program.pid


def test_a_connection_leads_inside(inside, host):
    command = inside.namespace.command([sys.executable, "-c", ECHO])
    with subprocess.Popen(command, stdout=subprocess.PIPE) as program:
        program.stdout.readline()
        with pytest.raises(OSError, match="refused"):
            host.connect(7007)
        with inside.namespace.connect(7007) as connection:
            assert connection.recv(100) == b"from inside"


def test_a_refused_connection_is_an_error(inside):
    with pytest.raises(ConnectionRefusedError):
        inside.namespace.connect(7007)


def test_nothing_beyond_loopback_can_be_reached(inside):
    assert inside.shell("tail -n +3 /proc/net/dev | cut -d: -f1").split() == ["lo"]


def test_closing_ends_even_what_hid_in_a_session_of_its_own_and_ignores_sigterm(inside):
    text = inside.shell("trap '' TERM; setsid sleep 300 >/dev/null 2>&1 & sleep 0.2; echo $!")
    assert psutil.pid_exists(int(text))
    inside.namespace.close()
    assert wait_for_end(int(text), 1)


def test_closing_twice_is_allowed_and_use_after_it_is_not(inside):
    inside.namespace.close()
    inside.namespace.close()
    with pytest.raises(NamespaceError, match="create another one"):
        inside.namespace.command(["true"])


def test_what_is_inside_ends_when_the_owner_is_killed(create_namespace):
    create_namespace()  # skips where none can be made
    program = """if True:
        import subprocess, sys, time
        from cookbook.runner.namespace import Namespace
        namespace = Namespace.create()
        child = subprocess.Popen(namespace.command(["sleep", "300"]), start_new_session=True)
        print(namespace._holder.pid, child.pid, flush=True)
        time.sleep(300)
    """
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as owner:
        pids = [int(pid) for pid in owner.stdout.readline().split()]
        owner.send_signal(signal.SIGKILL)
    assert all(wait_for_end(pid) for pid in pids)


def test_without_a_namespace_commands_stay_as_they_are():
    with NoNamespace() as host:
        assert host.command(["echo", "a b"]) == ["echo", "a b"]
        assert "127.0.0.1" in host.addresses


def test_a_machine_without_unshare_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NamespaceError, match="install the package util-linux"):
        Namespace.create()


def test_a_kernel_that_refuses_is_quoted(write_stub):
    write_stub("unshare", "echo 'unshare: unshare failed: Operation not permitted' >&2; exit 1")
    with pytest.raises(NamespaceError, match="Operation not permitted"):
        Namespace.create()
