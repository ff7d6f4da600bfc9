"""Celery has its three queues, and tasks go where the routes say."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery
from celery.fixups.django import DjangoWorkerFixup
from celery.signals import heartbeat_sent, task_postrun, task_prerun
from django.db import connection, connections
from kombu import Queue

from cookiecutter.celery import app as celery_app
from cookiecutter.celery import (
    refuse_unwritable_sign_of_life,
    refuse_worker_without_broker,
    show_life,
)
from cookiecutter.settings import base
from tests.compose import read_example


@pytest.fixture
def queues() -> dict[str, Queue]:
    """The queues a worker consumes, by name."""
    return dict(celery_app.amqp.queues)


def test_worker_consumes_all_three_queues(queues: dict[str, Queue]) -> None:
    assert set(queues) == {"default", "new_task_queue", "example_queue"}
    for name, exchange in {
        "default": "default",
        "new_task_queue": "new_task",
        "example_queue": "example",
    }.items():
        assert queues[name].exchange.name == exchange
        assert queues[name].routing_key == exchange


def test_queues_are_of_one_kind(queues: dict[str, Queue]) -> None:
    kinds = {
        ((queue.queue_arguments or {}).get("x-queue-type"), queue.exchange.type)
        for queue in queues.values()
    }
    # RabbitMQ itself holds back what is due later, for quorum queues; a direct exchange, which
    # compares keys to the letter, could not take it back.
    assert kinds in ({(None, "direct")}, {("quorum", "topic")})
    assert celery_app.conf.task_default_exchange_type == queues["default"].exchange.type


@pytest.mark.parametrize("task", ["accounts.send_verification_mail", "somebody.elses_task"])
def test_tasks_go_to_the_default_queue(task: str) -> None:
    route = celery_app.amqp.router.route({}, task)
    assert route["queue"].name == "default"


def test_tasks_of_the_project_are_known() -> None:
    celery_app.loader.import_default_modules()
    assert "accounts.send_verification_mail" in celery_app.tasks
    assert isinstance(celery_app, Celery)
    assert celery_app.main == "cookiecutter"


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., bool]:
    """Have a task run on a connection in some state; tells whether that was closed."""

    def run(*, close_at: float | None = None, broken: bool = False, eager: bool = False) -> bool:
        used, found = connection.copy(), []
        used.ensure_connection()
        used.close_at, used.errors_occurred = close_at, broken
        monkeypatch.setattr(used, "is_usable", lambda: not broken)
        monkeypatch.setattr(used, "close", lambda: found.append(used))
        monkeypatch.setattr(connections, "all", lambda **_: [used])
        task = SimpleNamespace(name="some.task", request=SimpleNamespace(is_eager=eager))
        for signal in (task_prerun, task_postrun):
            signal.send(sender=None, task=task, task_id="1")
        used.connection.close()
        return bool(found)

    return run


@pytest.mark.django_db
def test_worker_keeps_a_good_connection_for_the_next_task(closed: Callable[..., bool]) -> None:
    assert not closed()
    assert not closed(close_at=time.monotonic() + 60)


@pytest.mark.django_db
def test_worker_closes_an_old_or_broken_connection(closed: Callable[..., bool]) -> None:
    assert closed(close_at=0) and closed(broken=True)


@pytest.mark.django_db
def test_task_in_place_leaves_its_callers_connection_alone(closed: Callable[..., bool]) -> None:
    assert not closed(close_at=0, eager=True)


def test_celery_itself_leaves_connections_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    fixup = DjangoWorkerFixup(celery_app)
    monkeypatch.setattr(fixup, "_close_database", lambda: pytest.fail("closed"))
    fixup.close_database()
    fixup.close_database()


def test_worker_without_a_broker_stops_and_says_why() -> None:
    with pytest.raises(SystemExit, match="Set CELERY_BROKER_URL"):
        refuse_worker_without_broker()


def test_worker_shows_that_it_lives(settings: Any, tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    show_life()
    settings.WORKER_ALIVE_FILE = str(alive)
    assert not alive.exists()
    # As the worker does it: on the signal that it sends with each beat of its heart.
    heartbeat_sent.send(sender=None)
    assert alive.exists()
    os.utime(alive, (0, 0))
    heartbeat_sent.send(sender=None)
    assert time.time() - alive.stat().st_mtime < 60


def test_worker_that_cannot_show_it_stops_and_says_why(settings: Any, tmp_path: Path) -> None:
    settings.WORKER_ALIVE_FILE = str(tmp_path / "missing" / "alive")
    with pytest.raises(SystemExit, match="WORKER_ALIVE_FILE cannot be written"):
        refuse_unwritable_sign_of_life()


def test_transport_options_are_known_to_the_transport() -> None:
    # Where no broker is configured, what the example would configure has to be right.
    configured = not base.CELERY_BROKER_URL.startswith("memory:")
    url = base.CELERY_BROKER_URL if configured else read_example("CELERY_BROKER_URL")
    options = base.CELERY_BROKER_TRANSPORT_OPTIONS
    if url and url.startswith(("amqp", "pyamqp")):
        # RabbitMQ knows itself when a worker is gone; the option would do nothing.
        assert "visibility_timeout" not in options
        # Without confirmations a message that RabbitMQ refuses is lost in silence.
        assert options["confirm_publish"]
    else:
        # A task may run up to its time limit before it is acknowledged.
        assert options["visibility_timeout"] > base.CELERY_TASK_TIME_LIMIT
