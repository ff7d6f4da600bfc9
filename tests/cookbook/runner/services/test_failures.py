"""A server that does not come up is told with its last lines, and leaves nothing."""

import dataclasses
import time

import pytest

from cookbook.runner.services import ServiceError, start

VERSION = 'case "$1" in --version) echo "Redis server v=7.9.9"; exit 0;; esac'


def start_stub(needs, namespace, tmp_path, seconds=1.0):
    need = dataclasses.replace(needs["redis"], seconds=seconds)
    return start(need, namespace, tmp_path / "servers", tmp_path / "cache")


def test_one_that_ends_is_quoted(needs, inside, write_stub, tmp_path):
    write_stub("redis-server", f"{VERSION}\necho 'bad directive: colour' >&2; exit 3")
    with pytest.raises(ServiceError, match="ended with exit code 3 before it answered on port 6379") as caught:
        start_stub(needs, inside.namespace, tmp_path)
    assert caught.value.log_tail == "bad directive: colour"
    assert "bad directive: colour" in str(caught.value)


def test_one_that_hangs_is_ended(needs, inside, write_stub, tmp_path):
    # Its child ignores SIGTERM, so only SIGKILL helps.
    write_stub("redis-server", f"{VERSION}\necho 'waiting for the moon'; (trap '' TERM; sleep 300) & wait")
    began = time.monotonic()
    with pytest.raises(ServiceError, match="did not answer on port 6379 within 1 seconds") as caught:
        start_stub(needs, inside.namespace, tmp_path)
    assert time.monotonic() - began < 15
    assert caught.value.log_tail == "waiting for the moon"
    assert inside.processes() == []


def test_one_that_listens_but_is_mute_is_ended(needs, inside, write_stub, tmp_path):
    code = "import socket, time; s = socket.create_server(('127.0.0.1', 6379)); time.sleep(300)"
    write_stub("redis-server", f'{VERSION}\nexec python3 -c "{code}"')
    with pytest.raises(ServiceError, match="did not answer"):
        start_stub(needs, inside.namespace, tmp_path)
    assert inside.processes() == []
    assert inside.listening() == set()


def test_a_data_folder_that_cannot_be_made_is_told(get_need, inside, write_stub, tmp_path, monkeypatch):
    for program in ("postgres", "pg_ctl", "psql"):
        write_stub(program, "echo 'postgres (PostgreSQL) 17.1'")
    write_stub("initdb", "echo 'initdb: error: no space left'; exit 1")
    need = get_need("postgresql")
    with pytest.raises(ServiceError, match="could not be prepared: initdb failed") as caught:
        start(need, inside.namespace, tmp_path / "servers", tmp_path / "cache")
    assert caught.value.log_tail == "initdb: error: no space left"


def test_a_taken_port_in_a_namespace_is_told(inside, run_server, get_need, tmp_path, cache):
    run_server("redis", inside.namespace)
    with pytest.raises(ServiceError, match="something listens there already in this namespace"):
        start(get_need("redis"), inside.namespace, tmp_path, cache)


def test_a_program_is_nothing_to_start(needs, inside, tmp_path):
    with pytest.raises(ServiceError, match="curl is nothing that can be started"):
        start(needs["curl"], inside.namespace, tmp_path, tmp_path)


def test_a_missing_server_is_told_with_its_install_command(needs, inside, tmp_path):
    need = dataclasses.replace(needs["redis"], programs=("no-such-server",), wheel=None)
    with pytest.raises(ServiceError, match="apt-get install --no-install-recommends redis-server"):
        start(need, inside.namespace, tmp_path, tmp_path)
