"""The lease of a task is renewed while its body runs, and no longer."""

import threading
import time
from typing import Any

import pytest

from apps.core import heartbeat
from apps.core.models import Task

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def heart(monkeypatch: pytest.MonkeyPatch) -> heartbeat.Heart:
    """A heart whose thread sleeps no longer than this test's leases allow."""
    heart = heartbeat.Heart()
    monkeypatch.setattr(heartbeat, "heart", heart)
    return heart


def test_lease_is_renewed_while_the_body_runs(settings: Any, monkeypatch: Any) -> None:
    settings.TASK_LEASE_SECONDS = 0.03
    row = Task.objects.create(name="slow")
    row.start_processing()
    beats = threading.Semaphore(0)
    monkeypatch.setattr(Task, "renew_lease", lambda self: beats.release() or True)
    monkeypatch.setattr(heartbeat.connection, "close", lambda: None)
    with heartbeat.beating(row):
        for _ in range(3):
            assert beats.acquire(timeout=10)
    while beats.acquire(timeout=0.1):
        pass
    assert not beats.acquire(timeout=0.1)


def test_one_thread_renews_the_leases_of_all(settings: Any, monkeypatch: Any) -> None:
    settings.TASK_LEASE_SECONDS = 0.03
    rows = [Task.objects.create(name="slow") for _ in range(3)]
    for row in rows:
        row.start_processing()
    renewed: set[tuple[int, str]] = set()
    monkeypatch.setattr(
        Task,
        "renew_lease",
        lambda self: renewed.add((self.pk, threading.current_thread().name)) or True,
    )
    monkeypatch.setattr(heartbeat.connection, "close", lambda: None)
    with heartbeat.beating(rows[0]), heartbeat.beating(rows[1]), heartbeat.beating(rows[2]):
        until = time.monotonic() + 10
        while len(renewed) < 3 and time.monotonic() < until:
            time.sleep(0.01)
    assert renewed == {(row.pk, "leases-of-tasks") for row in rows}


def test_lease_that_was_lost_is_renewed_no_more(settings: Any, monkeypatch: Any) -> None:
    settings.TASK_LEASE_SECONDS = 0.03
    row = Task.objects.create(name="slow")
    beats = threading.Semaphore(0)
    monkeypatch.setattr(Task, "renew_lease", lambda self: beats.release() or False)
    monkeypatch.setattr(heartbeat.connection, "close", lambda: None)
    with heartbeat.beating(row):
        assert beats.acquire(timeout=10)
        assert not beats.acquire(timeout=0.2)


def test_child_of_a_fork_starts_anew(monkeypatch: Any) -> None:
    heart = heartbeat.Heart()
    monkeypatch.setattr(heart, "_beat", lambda: None)
    key = heart.take(Task(name="of the parent"))
    heart.forget()
    heart.give_back(key)
    assert not heart._due and not heart._has_thread
