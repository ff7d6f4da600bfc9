"""Servers that go away under load: errors while they are down, then all goes on, and nothing accepted is lost."""

import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable

import psutil
import pytest

from cookbook.runner.services import read_needs, start

from .conftest import REPOSITORY
from .machine import DATABASES, Machine, wait_for

PASSWORD = "correct horse battery"
# The load ends when both servers have been back for a while: RabbitMQ takes seconds to start, on a busy machine many.
AFTER_SECONDS = 4
MOST_SECONDS = 240
DOWN_SECONDS = 2
SETTINGS = {
    "TASK_LEASE_SECONDS": "6",
    "TASK_RESEND_SECONDS": "8",
    # Committed means written, which the throwaway server would leave for later.
    "DATABASE_URL": f"{DATABASES['postgresql']}?options=-csynchronous_commit%3Don",
    "DATABASE_CONN_MAX_AGE": "60",
    "THROTTLE_USER": "1000000/min",
    "THROTTLE_UPLOAD": "1000000/min",
    "WEB_CONCURRENCY": "1",
}
# Four clients upload texts, each as fast as it is answered, until a file says enough; what is accepted is noted.
LOAD = """
import collections, json, pathlib, sys, threading, time, urllib.error, urllib.request
address, password, enough = "http://127.0.0.1:8000/api/v1", sys.argv[1], pathlib.Path(sys.argv[2])
most = float(sys.argv[3])

def send(path, body, kind, token=None):
    request = urllib.request.Request(f"{address}{path}", body, {"Content-Type": kind})
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    return json.loads(urllib.request.urlopen(request, timeout=20).read())

login = json.dumps({"email": "demo@example.com", "password": password}).encode()
token = send("/accounts/token/", login, "application/json")["access"]
accepted, answers, end = [], collections.Counter(), time.monotonic() + most

def upload(client):
    number = 0
    while not enough.exists() and time.monotonic() < end:
        number += 1
        part = 'Content-Disposition: form-data; name="{}"'
        body = "\\r\\n".join([
            "--limit", part.format("title"), "", f"{client}-{number}",
            "--limit", part.format("file") + '; filename="a.txt"', "", f"text {client} {number}",
            "--limit--", "",
        ])
        try:
            made = send("/documents/", body.encode(), "multipart/form-data; boundary=limit", token)
        except urllib.error.HTTPError as error:
            answers[error.code] += 1
            time.sleep(0.05)
        except OSError as error:
            answers[type(error).__name__] += 1
            time.sleep(0.05)
        else:
            accepted.append(made["id"])
            answers[201] += 1

threads = [threading.Thread(target=upload, args=(client,)) for client in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps({"accepted": accepted, "answers": answers}))
"""
PROCESSED = (
    "__import__('apps.documents.models').documents.models.Document.objects.exclude(checksum='').count(), "
    "__import__('apps.documents.models').documents.models.Document.objects.count(), Task.objects.count()"
)


def count(machine: Machine) -> tuple[int, int, int]:
    """Return how many documents are processed, how many there are, and how many tasks are left."""
    processed, documents, left = machine.ask(PROCESSED).split()
    return int(processed), int(documents), int(left)


def restart_broker(machine: Machine, name: str) -> None:
    """End the broker with everything it holds, and start an empty one."""
    machine.servers.pop(name).stop()
    time.sleep(DOWN_SECONDS)
    folder, cache = machine.project.parent / "servers-again", REPOSITORY.build / "cache" / "services"
    machine.servers[name] = start(read_needs(REPOSITORY.conf)[name], machine.namespace, folder, cache)


def restart_postgresql(machine: Machine) -> None:
    """Crash PostgreSQL, and start it on the same data."""
    home = str(machine.servers["postgresql"].log.parent)
    (server,) = [
        process
        for process in psutil.process_iter(["name", "cmdline"])
        # Its own processes give themselves titles in place of a command line.
        if process.info["name"] == "postgres" and f"{home}/data" in (process.info["cmdline"] or [])
    ]
    command, folder = server.cmdline(), server.cwd()
    server.send_signal(signal.SIGQUIT)
    psutil.wait_procs([server], timeout=20)
    time.sleep(DOWN_SECONDS)
    log = (machine.project / "postgresql.log").open("wb")
    process = subprocess.Popen(
        machine.namespace.command(command), cwd=folder, stdout=log, stderr=log, start_new_session=True
    )
    machine.running.append(process)


@pytest.mark.parametrize("broker", ["redis", "rabbitmq"])
def test_servers_come_back_and_nothing_accepted_is_lost(broker: str, make_machine: Callable[..., Machine]) -> None:
    machine = make_machine("postgresql", broker, **SETTINGS)
    machine.run("manage.py", "seed_demo", "--password", PASSWORD)
    machine.spawn("-m", "gunicorn", "--config=python:cookiecutter.gunicorn", "cookiecutter.wsgi")
    machine.start_worker("--concurrency", "2", "-B", "-s", str(machine.project / "beat"))
    wait_for(lambda: answers(machine), 30, machine.logs)
    told: list[str] = []
    enough = machine.project / f"enough-{broker}"
    command = ["-c", LOAD, PASSWORD, str(enough), str(MOST_SECONDS)]
    load = threading.Thread(target=lambda: told.append(machine.run(*command, seconds=MOST_SECONDS + 60)))
    load.start()
    try:
        time.sleep(3)
        restart_broker(machine, broker)
        time.sleep(1)
        restart_postgresql(machine)
        time.sleep(AFTER_SECONDS)
    finally:
        enough.touch()
        load.join()
    assert told, machine.logs()
    found = json.loads(told[0])
    accepted, codes = found["accepted"], found["answers"]
    # The database was away, so some had to fail, by an answer that says so; and before and after, others did not.
    assert codes.get("201", 0) > 50, codes
    assert set(codes) - {"201"} and set(codes) <= {"201", "500", "503", "RemoteDisconnected"}, codes
    wait_for(lambda: count(machine)[2] == 0, 120, lambda: f"{codes} {count(machine)}\n{machine.logs()}")
    processed, documents, _ = count(machine)
    assert processed == documents >= len(accepted)
    kept = f"len(set({accepted}) - set(__import__('apps.documents.models').documents.models.Document.objects"
    assert machine.ask(f"{kept}.values_list('pk', flat=True)))") == "0"
    print(codes)


def answers(machine: Machine) -> bool:
    """Tell whether the project serves."""
    code = "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health/live', timeout=2)"
    command = machine.namespace.command([str(machine.python), "-c", code])
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
