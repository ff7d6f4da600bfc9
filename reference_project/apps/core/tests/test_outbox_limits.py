"""No task is started for ever: not by errors, not by workers that it kills."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from apps.core.models import IllegalTransition, Task
from apps.core.models.claims import MAX_ATTEMPTS, claim_task
from apps.core.outbox import describe_error, outbox_task, retry_task, send_task, work_off
from apps.core.sweeper import sweep_tasks

pytestmark = pytest.mark.django_db
LOST = "Its worker was lost at attempt {}, the last one"


@outbox_task(name="tests.kill_worker", max_attempts=2)
def kill_worker() -> None:
    """Stand for a task that kills its worker: these tests begin it without an end."""


def begin(attempts: int, celery_name: str = "tests.kill_worker") -> Task:
    """Make a task whose worker died at this attempt, a while ago."""
    return Task.objects.create(
        name="kill_worker",
        celery_name=celery_name,
        status=Task.TASK_STATUS_PROCESSING,
        attempts=attempts,
        lease_until=timezone.now() - timedelta(seconds=1),
    )


def read(row: Task) -> tuple[str, int]:
    """Read how far a task has come."""
    row.refresh_from_db()
    return row.status, row.attempts


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rows that the sweeper sends; no worker takes them up."""
    rows: list[int] = []
    monkeypatch.setattr("apps.core.sweeper.send_task", lambda row: not rows.append(row.pk))
    return rows


def test_task_that_kills_its_workers_is_given_up_by_the_sweeper(
    sent: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    row = begin(1)
    assert sweep_tasks()["given_back"] == 1
    assert read(row) == ("pending", 1)
    row = begin(2)
    assert sweep_tasks()["given_back"] == 0
    assert read(row) == ("failed", 2)
    assert row.error.startswith(LOST.format(2))
    assert f"task {row.pk} failed" in caplog.text
    assert row.pk not in sent


def test_task_whose_code_is_gone_or_sets_no_limit_has_the_common_one(sent: list[int]) -> None:
    last, earlier = begin(MAX_ATTEMPTS, "tests.gone"), begin(MAX_ATTEMPTS - 1, "core.sweep_tasks")
    assert sweep_tasks()["given_back"] == 1
    assert read(last)[0] == "failed"
    assert read(earlier)[0] == "pending"


@pytest.mark.parametrize("returns", [True, False])
def test_message_that_comes_again_does_not_start_it_again(monkeypatch: Any, returns: bool) -> None:
    # The broker delivers the message of a dead worker again before the sweeper comes by.
    row = begin(1)
    if not returns:
        monkeypatch.setattr(connection.features, "can_return_columns_from_insert", False)
    assert claim_task(Task, row.pk, row.celery_name, 2).attempts == 2
    Task.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert kill_worker.apply(headers={"outbox_id": row.pk}).get() == "taken already"
    assert read(row) == ("failed", 2)
    assert row.error.startswith(LOST.format(2))


def test_task_that_still_gives_signs_of_life_is_not_given_up() -> None:
    row = begin(2)
    Task.objects.update(lease_until=timezone.now() + timedelta(seconds=60))
    with pytest.raises(IllegalTransition, match="is processing"):
        claim_task(Task, row.pk, row.celery_name, 2)
    assert sweep_tasks()["given_back"] == 0
    assert read(row) == ("processing", 2)


def test_staff_may_have_it_started_once_more(sent: list[int]) -> None:
    row = begin(2)
    sweep_tasks()
    row.refresh_from_db()
    retry_task(row)
    assert claim_task(Task, row.pk, row.celery_name, 2).attempts == 3
    Task.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep_tasks()
    assert read(row) == ("failed", 3)


@pytest.mark.parametrize("error", [OperationalError("deadlock detected"), InterfaceError("closed")])
def test_database_that_is_away_is_always_tried_again(error: Exception) -> None:
    row = Task.objects.create(name="kill_worker", celery_name="tests.kill_worker")
    row.start_processing()

    def body() -> None:
        raise error

    assert work_off(row, body) == "tried again later"
    assert read(row) == ("pending", 1)
    row.start_processing()
    assert work_off(row, body, max_attempts=2) == "failed"


def test_error_that_will_not_pass_is_tried_once() -> None:
    row = Task.objects.create(name="kill_worker", celery_name="tests.kill_worker")
    row.start_processing()

    def body() -> None:
        raise FileNotFoundError("gone")

    assert work_off(row, body, retry_for=(OSError,), fail_for=(FileNotFoundError,)) == "failed"
    assert read(row) == ("failed", 1)


@pytest.mark.parametrize("countdown", [None, 100.0])
def test_message_expires_when_the_next_is_sent(
    monkeypatch: pytest.MonkeyPatch, settings: Any, countdown: float | None
) -> None:
    given: list[dict[str, Any]] = []
    monkeypatch.setattr(kill_worker, "apply_async", lambda *_, **options: given.append(options))
    row = Task.objects.create(name="kill_worker", celery_name="tests.kill_worker")
    assert send_task(row, countdown)
    assert given[0]["expires"] == settings.TASK_RESEND_SECONDS + (countdown or 0)


def test_error_that_is_kept_names_nobody_and_no_secret() -> None:
    refused = SMTPRecipientsRefused({"ada@example.org": (550, b"<ada@example.org> unknown")})
    assert describe_error(refused) == (
        "SMTPRecipientsRefused: {'[e-mail address]': (550, b'<[e-mail address]> unknown')}"
    )
    away = OSError("no answer from redis://:hunter2@192.0.2.7:6379/0")
    assert describe_error(away) == "OSError: no answer from redis://:[redacted]@[address]:6379/0"
    # An address at the place where the text is cut is not cut before it is recognized.
    assert "ada" not in describe_error(ValueError("x" * 470 + " ada.lovelace@example.org"))
    assert len(describe_error(ValueError("x" * 9999))) == 500
