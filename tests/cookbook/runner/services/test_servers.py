"""Each server starts, answers its own client, tells its version, listens on loopback only, and leaves nothing."""

import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cookbook.runner.services import find, start

ASK_REDIS = """ask() {
  exec 3<>/dev/tcp/$1/6379; shift; printf '%s\\r\\n' "$@" QUIT >&3; cat <&3
}; ask"""
SIGN = "curl --silent --aws-sigv4 aws:amz:us-east-1:s3"
QUERIES = {
    "postgresql": [
        ("psql --host=localhost --username=postgres -Atc 'show server_version'", "{version}"),
        (
            "createdb -h ::1 -U postgres shop && psql -h 127.0.0.1 -U postgres -Atc 'select 6*7' shop",
            "42",
        ),
        ("psql -h localhost -U postgres -Atc \"select upper('é')\"", "É"),
    ],
    "mariadb": [
        ("mariadb --host=127.0.0.1 --user=root -Ne 'select @@version'", "{version}"),
        ("mariadb --host=localhost --user=root -Ne 'select current_user()'", "root@localhost"),
        ("mariadb --host=127.0.0.1 --user=root -Ne 'select @@sql_mode'", "STRICT_TRANS_TABLES"),
        ("mariadb --host=127.0.0.1 --user=root -Ne 'select @@character_set_server'", "utf8mb4"),
        # A page's 'user'@'localhost' is let in over TCP, as on a reader's own server.
        (
            "mariadb --host=127.0.0.1 --user=root -e \"create user 'reader'@'localhost' identified by 'secret'\" && "
            "mariadb --host=127.0.0.1 --user=reader --password=secret -Ne 'select current_user()'",
            "reader@localhost",
        ),
    ],
    "redis": [
        # A machine may have the server without its client, as with the wheel: bash speaks for itself.
        (f"{ASK_REDIS} 127.0.0.1 'SET colour blue' 'GET colour'", "blue"),
        (f"{ASK_REDIS} localhost 'INFO server'", "{version}"),
        (f"{ASK_REDIS} 127.0.0.1 'CONFIG GET save'", "save\n$0"),
    ],
    "rabbitmq": [
        ("rabbitmqctl list_queues name messages", "Listing queues for vhost /"),
        ("curl --silent --fail http://localhost:15692/metrics", "rabbitmq_global_messages_received_total"),
        (
            "curl --silent --fail --user guest:guest http://localhost:15672/api/overview",
            '"rabbitmq_version":"{version}"',
        ),
        ("HOME=/nonexistent rabbitmqctl --quiet version", "{version}"),
    ],
    "s3": [
        ("curl --silent http://127.0.0.1:8333/", "<Code>AccessDenied</Code>"),
        ("curl --silent --include http://127.0.0.1:8333/", "{version}"),
        # curl signs as S3 wants it.
        (f"{SIGN} --user recipe-key:recipe-secret -X PUT -w '%{{http_code}}' http://127.0.0.1:8333/shop", "200"),
        (f"{SIGN} --user recipe-key:wrong http://127.0.0.1:8333/", "SignatureDoesNotMatch"),
    ],
}


@pytest.mark.parametrize("name", QUERIES)
def test_it_answers_its_own_client_and_leaves_nothing(name, inside, run_server, needs):
    server = run_server(name, inside.namespace)
    assert server.port == needs[name].ports[0]
    assert server.substitutions == {}
    assert re.match(r"\d+\.\d+", server.version)
    assert server.log_tail()
    for command, expected in QUERIES[name]:
        assert expected.format(version=server.version) in inside.shell(command, server)
    assert {port for _, port in inside.listening()} >= set(needs[name].ports)
    assert inside.addresses_beyond_loopback() == set()

    server.stop()
    assert inside.listening() == set()
    assert inside.processes() == []
    assert [entry.name for entry in server.log.parent.iterdir()] == [server.log.name]
    server.stop()  # a second time does nothing


@pytest.mark.parametrize(("name", "label"), [("postgresql", "PostgreSQL"), ("redis", "Valkey")])
def test_the_wheel_serves_too(name, label, inside, run_server, get_need, monkeypatch):
    monkeypatch.setenv("COOKBOOK_PREFER_WHEELS", "1")
    provision = find(get_need(name))
    assert provision.source == "wheel"
    server = run_server(name, inside.namespace)
    assert (server.label, server.version, server.source) == (label, provision.version, "wheel")


def test_two_s3_servers_that_start_at_the_same_moment_keep_apart(create_namespace, run_server):
    """Its parts speak through files in /tmp too, which no network namespace parts."""
    # What a run that was killed has left there is not theirs, nor is what a server of another test listens on.
    before = set(Path("/tmp").glob("seaweedfs-*.sock"))
    places = [create_namespace(), create_namespace()]
    with ThreadPoolExecutor(2) as pool:
        servers = list(pool.map(lambda place: run_server("s3", place.namespace), places))
    unsigned = "-H x-amz-content-sha256:UNSIGNED-PAYLOAD"
    put = f"{SIGN} --user recipe-key:recipe-secret --fail -X PUT http://127.0.0.1:8333"
    for number, place in enumerate(places):
        place.shell(f"{put}/shop{number} && {put}/shop{number}/who --data-raw {number} {unsigned}")
    for number, place in enumerate(places):
        listed = place.shell(f"{SIGN} --user recipe-key:recipe-secret http://127.0.0.1:8333/")
        assert f"shop{number}" in listed and f"shop{1 - number}" not in listed
    for server in servers:
        server.stop()
    left = set(Path("/tmp").glob("seaweedfs-*.sock")) - before
    deadline = time.monotonic() + 5
    while (dead := {path for path in left if path.exists() and not listens(path)}) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert dead == set()


def listens(path):
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(str(path)) == 0


def test_two_namespaces_use_the_same_ports_side_by_side(create_namespace, run_server):
    first, second = create_namespace(), create_namespace()
    databases = {}
    for number, one in enumerate((first, second), 1):
        database, memory = run_server("postgresql", one.namespace), run_server("redis", one.namespace)
        databases[number] = database
        assert (database.port, memory.port) == (5432, 6379)
        login = "-h localhost -U postgres"
        create = f"create table t as select {number} as n"
        one.shell(f"createdb {login} cookiecutter && psql {login} -qc '{create}' cookiecutter", database)
        exec_redis(one, f"SET who {number}")
    for number, one in enumerate((first, second), 1):
        count = "psql -h localhost -p 5432 -U postgres -Atc 'select n from t' cookiecutter"
        assert one.shell(count, databases[number]) == str(number)
        assert exec_redis(one, "GET who").endswith(f"\r\n{number}\r\n")


def test_a_template_may_be_made_by_two_at_once(create_namespace, get_need, tmp_path):
    need, servers, cache = get_need("postgresql"), [], tmp_path / "cache"
    namespaces = [create_namespace().namespace for _ in range(2)]
    threads = [
        threading.Thread(target=lambda one=one: servers.append(start(need, one, tmp_path, cache))) for one in namespaces
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for server in servers:
        server.stop()
    assert len(servers) == 2
    assert len([entry for entry in cache.iterdir() if entry.is_dir()]) == 1


def exec_redis(inside, command):
    with inside.namespace.connect(6379) as connection:
        connection.sendall(f"{command}\r\n".encode())
        return connection.recv(1000).decode()


def test_the_stand_in_for_osv_dev_knows_one_hole_and_its_versions(inside, run_server):
    server = run_server("advisories", inside.namespace)
    url = server.environment["PIP_AUDIT_OSV_URL"]

    def ask(package, version):
        body = f'{{"package": {{"name": "{package}", "ecosystem": "PyPI"}}, "version": "{version}"}}'
        return inside.shell(f"curl --silent --json '{body}' {url}", server)

    for version in ("4.2", "4.2.23", "5.1.11", "5.2", "5.2.5"):
        assert f'"id": "{server.version}"' in ask("Django", version), version
    for version in ("3.2.25", "4.2.24", "5.0", "5.1.12", "5.2.6", "6.1"):
        assert ask("django", version) == "{}", version
    assert ask("flask", "5.2.5") == "{}"
    server.stop()
    assert inside.listening() == set() and inside.processes() == []
