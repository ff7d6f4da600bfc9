"""What was committed is done once: with twenty workers, with killed ones, with servers that go away."""

import time
from collections.abc import Callable

import pytest

from .machine import Machine, wait_for

QUEUE = """
import sys, django
django.setup()
from django.db import transaction
from apps.core.outbox import queue_task
from tests.tracked.tasks import write_note
count, seconds = int(sys.argv[1]), float(sys.argv[2])
for number in range(count):
    with transaction.atomic():
        queue_task(write_note, f"n{number}", seconds, ingestor="test")
"""
# Kills a worker, with all its processes, in the moment when enough is done: 500 tasks are soon over.
KILL = """
import os, signal, sys, time, django
django.setup()
from tests.tracked.models import Note
worker, enough, end = int(sys.argv[1]), int(sys.argv[2]), time.monotonic() + 60
while Note.objects.count() < enough:
    assert time.monotonic() < end, "not within 60 seconds"
    time.sleep(0.01)
os.killpg(worker, signal.SIGKILL)
"""
DONE = "Note.objects.values('title').distinct().count(), Note.objects.count(), Task.objects.count()"


def count(machine: Machine) -> tuple[int, int, int]:
    """Return how many different effects there are, how many in all, and how many tasks are left."""
    effects, rows, left = machine.ask(DONE).split()
    return int(effects), int(rows), int(left)


def describe(machine: Machine) -> str:
    """Say how far everything has come."""
    return f"{count(machine)}\n{machine.logs()}"


def test_twenty_workers_do_a_thousand_tasks_each_once(make_machine: Callable[..., Machine]) -> None:
    machine = make_machine("postgresql", "redis")
    machine.run("-c", QUEUE, "1000", "0")
    # Every task is sent a second time, so that workers race for each.
    machine.ask(
        "[send_task(row) for row in Task.objects.all()] and None",
    )
    machine.start_worker("--concurrency", "20")
    wait_for(lambda: count(machine)[2] == 0, 120, lambda: describe(machine))
    assert count(machine) == (1000, 1000, 0)


@pytest.mark.parametrize("broker", ["redis", "rabbitmq"])
def test_killed_worker_loses_and_repeats_nothing(broker: str, make_machine: Callable[..., Machine]) -> None:
    # Redis forgets a message when it hands it over; the worker that was killed right then had not noted it yet. Such a
    # task is not started until it is sent again.
    machine = make_machine("postgresql", broker, TASK_LEASE_SECONDS="6", TASK_RESEND_SECONDS="8")
    machine.run("-c", QUEUE, "500", "0.02")
    worker = machine.start_worker("--concurrency", "4")
    machine.run("-c", KILL, str(worker.pid), "50")
    worker.wait()
    effects, rows, left = count(machine)
    assert effects == rows == 500 - left and left > 0
    machine.start_worker("--concurrency", "4", "-B", "-s", str(machine.project / "beat"))
    wait_for(lambda: count(machine)[2] == 0, 120, lambda: describe(machine))
    assert count(machine) == (500, 500, 0)
    # Nobody comes late and does it again.
    time.sleep(2)
    assert count(machine) == (500, 500, 0)


def test_worker_does_all_its_tasks_on_few_connections(make_machine: Callable[..., Machine]) -> None:
    machine = make_machine("postgresql", "redis", DATABASE_CONN_MAX_AGE="60")
    machine.run("-c", QUEUE, "200", "0")
    before = count_sessions(machine)
    machine.start_worker("--concurrency", "2")
    wait_for(lambda: count(machine)[2] == 0, 60, lambda: describe(machine))
    assert count(machine) == (200, 200, 0)
    # One of each process of the worker, and those that waited for it to be done.
    assert count_sessions(machine) - before < 50


def count_sessions(machine: Machine) -> int:
    """Return how often anybody has connected to the database."""
    asked = "SELECT sessions FROM pg_stat_database WHERE datname = current_database()"
    cursor = "__import__('django.db').db.connection.cursor()"
    return int(machine.ask(f"(lambda cursor: (cursor.execute({asked!r}), cursor.fetchone()[0])[1])({cursor})"))
