"""What was committed is done, once, whatever the broker and the workers do meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from celery import Task as CeleryTask
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models.signals import post_delete
from django.utils import timezone

from apps.core import heartbeat
from apps.core.context import acting_user, read_context
from apps.core.models import IllegalTransition, Task
from apps.core.models.claims import claim_task
from apps.core.outbox import outbox_task, queue_task, retry_task, work_off
from apps.core.sweeper import sweep_tasks
from tests.tracked.models import Note

pytestmark = pytest.mark.django_db
Commit = Callable[[], Any]


class Passing(Exception):
    """An error that may not come again."""


@outbox_task(name="tests.write_note", retry_for=(Passing,), max_attempts=2)
def write_note(title: str, *, fails: str = "") -> str:
    """Write a note; then fail, if that is asked for."""
    Note.objects.create(title=title)
    if fails:
        raise Passing(fails) if fails == "passing" else ValueError(fails)
    return "written"


@pytest.fixture
def commit(django_capture_on_commit_callbacks: Any) -> Commit:
    """A block that is committed at its end, as a request is."""

    @contextmanager
    def block() -> Iterator[None]:
        with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
            yield

    return block


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every attempt to send fail."""

    def refuse(*_: Any, **__: Any) -> None:
        raise ConnectionError("no broker here")

    monkeypatch.setattr(CeleryTask, "apply_async", refuse)


@contextmanager
def listening(signal: Any, receiver: Any) -> Iterator[None]:
    """Have a receiver told of what happens to tasks."""
    signal.connect(receiver, sender=Task)
    try:
        yield
    finally:
        signal.disconnect(receiver, sender=Task)


@pytest.fixture(autouse=True)
def heart(monkeypatch: pytest.MonkeyPatch) -> heartbeat.Heart:
    """A heart whose thread sleeps no longer than this test's leases allow."""
    heart = heartbeat.Heart()
    monkeypatch.setattr(heartbeat, "heart", heart)
    return heart


def age(**fields: float) -> None:
    """Move the times of all tasks into the past; seconds by field."""
    for name, seconds in fields.items():
        Task.objects.update(**{name: timezone.now() - timedelta(seconds=seconds)})


@pytest.mark.smoke
def test_committed_task_is_done_and_its_row_is_gone(commit: Any) -> None:
    with commit():
        row = queue_task(write_note, "plan", ingestor="test")
        assert (row.status, row.task_ingestor, row.attempts) == ("pending", "test", 0)
        assert not Note.objects.exists()
    assert Note.objects.get().title == "plan"
    assert not Task.objects.exists()


def test_task_of_a_transaction_that_is_undone_never_was() -> None:
    def fail_after_queueing() -> None:
        with transaction.atomic():
            queue_task(write_note, "plan", ingestor="test")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_queueing()
    assert not Task.objects.exists()


def test_failed_task_leaves_its_error_and_no_effect_and_can_be_retried(commit: Any) -> None:
    with commit():
        row = queue_task(write_note, "plan", fails="no such plan", ingestor="test")
    row.refresh_from_db()
    assert (row.status, row.attempts, row.error) == ("failed", 1, "ValueError: no such plan")
    assert not Note.objects.exists()
    row.arguments = {"args": ["plan"]}
    row.save()
    with commit():
        retry_task(row)
    assert Note.objects.count() == 1
    assert not Task.objects.exists()


def test_error_that_may_pass_gives_the_task_back_until_it_was_tried_enough(commit: Any) -> None:
    with commit():
        row = queue_task(write_note, "plan", fails="passing", ingestor="test")
    row.refresh_from_db()
    assert (row.status, row.error) == ("pending", "Passing: passing")
    assert row.due_at > timezone.now()
    assert sweep_tasks()["sent"] == 0
    age(due_at=1, datetime=60)
    assert sweep_tasks()["sent"] == 1
    row.refresh_from_db()
    assert (row.status, row.attempts) == ("failed", 2)


def test_task_is_sent_later_when_the_broker_was_down(
    commit: Any, no_broker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with commit():
        queue_task(write_note, "plan", ingestor="test")
    assert Task.objects.get().sent_at is None
    age(datetime=60)
    assert sweep_tasks()["sent"] == 0
    monkeypatch.undo()
    assert sweep_tasks()["sent"] == 1
    assert Note.objects.exists() and not Task.objects.exists()


def test_task_whose_sender_died_before_sending_is_sent_later(settings: Any) -> None:
    # The row is committed, and what was to happen then never does.
    queue_task(write_note, "plan", ingestor="test")
    age(datetime=60)
    assert sweep_tasks()["sent"] == 0
    age(sent_at=settings.TASK_RESEND_SECONDS + 1)
    assert sweep_tasks()["sent"] == 1
    assert Note.objects.count() == 1


def test_queueing_is_one_statement_in_the_callers_transaction(
    commit: Any, django_assert_num_queries: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(CeleryTask, "apply_async", lambda *_, **__: None)
    with transaction.atomic(), django_assert_num_queries(1):
        queue_task(write_note, "plan", ingestor="test")
    row = Task.objects.get()
    assert row.sent_at is not None and row.status == "pending"


def test_task_that_was_sent_and_forgotten_is_sent_again(commit: Any, settings: Any) -> None:
    Task.objects.create(
        name="tests.write_note",
        celery_name="tests.write_note",
        arguments={"args": ["plan"]},
        sent_at=timezone.now(),
    )
    assert sweep_tasks()["sent"] == 0
    age(sent_at=settings.TASK_RESEND_SECONDS + 1)
    assert sweep_tasks()["sent"] == 1
    assert Note.objects.count() == 1


def test_task_of_a_dead_worker_is_given_back_and_done_once(commit: Any) -> None:
    row = Task.objects.create(
        name="tests.write_note", celery_name="tests.write_note", arguments={"args": ["plan"]}
    )
    row.start_processing()
    age(datetime=60)
    assert sweep_tasks() == {"given_back": 0, "sent": 0}
    age(lease_until=1)
    assert sweep_tasks() == {"given_back": 1, "sent": 1}
    assert Note.objects.count() == 1
    with pytest.raises(IllegalTransition):
        row.complete_processing()


def test_task_that_no_code_knows_fails_and_holds_nothing_up(commit: Any) -> None:
    with commit():
        for name in ("tests.gone", "tests.write_note"):
            row = Task.objects.create(name=name, celery_name=name, arguments={"args": ["plan"]})
    age(datetime=60)
    assert sweep_tasks()["sent"] == 2
    row = Task.objects.get()
    assert (row.status, row.error) == ("failed", "There is no Celery task named 'tests.gone'.")
    assert Note.objects.count() == 1


def test_tasks_without_a_celery_task_are_left_alone() -> None:
    row = Task.objects.create(name="by hand")
    row.start_processing()
    age(datetime=999, lease_until=999)
    assert sweep_tasks() == {"given_back": 0, "sent": 0}


def test_second_delivery_does_nothing(commit: Any) -> None:
    row = Task.objects.create(
        name="note", celery_name="tests.write_note", arguments={"args": ["plan"]}
    )
    message = {"headers": {"outbox_id": row.pk}}
    Task.objects.get().start_processing()
    assert write_note.apply(["plan"], **message).get() == "taken already"
    assert not Note.objects.exists()
    # Its worker died; the message is delivered for a third and a fourth time.
    age(lease_until=1)
    assert write_note.apply(["plan"], **message).get() == "written"
    assert write_note.apply(["plan"], **message).get() == "done already"
    assert Note.objects.count() == 1


def test_task_is_taken_up_by_one_statement_that_reads_it(django_assert_num_queries: Any) -> None:
    arguments = {"args": ["plan"], "kwargs": {"fails": ""}}
    pk = Task.objects.create(name="n", celery_name="c", arguments=arguments).pk
    with django_assert_num_queries(2 if connection.vendor == "mysql" else 1):
        row = claim_task(Task, pk, "c")
    stored = Task.objects.get()
    assert (row.status, row.attempts, row.arguments) == ("processing", 1, arguments)
    for field in Task._meta.concrete_fields:
        assert getattr(row, field.attname) == getattr(stored, field.attname), field.name
    with pytest.raises(IllegalTransition, match="is processing"):
        claim_task(Task, pk, "c")
    assert claim_task(Task, pk, "other") is claim_task(Task, pk + 1, "c") is None
    with django_assert_num_queries(1):
        row.complete_processing()
    assert not Task.objects.exists()


def test_database_that_returns_nothing_of_an_update_reads_the_row_first(monkeypatch: Any) -> None:
    pk = Task.objects.create(name="n", celery_name="c").pk
    monkeypatch.setattr(connection.features, "can_return_columns_from_insert", False)
    assert claim_task(Task, pk, "c").attempts == 1
    with pytest.raises(IllegalTransition, match="is processing"):
        claim_task(Task, pk, "c")


def test_deletion_of_a_done_task_is_told_to_who_listens() -> None:
    told: list[int] = []
    row = Task.objects.create(name="n")
    row.start_processing()
    with listening(post_delete, lambda instance, **_: told.append(instance.pk)):
        pk = row.pk
        row.complete_processing()
    assert told == [pk] and not Task.objects.exists()


def test_row_decides_what_is_done_not_the_message() -> None:
    row = Task.objects.create(
        name="note", celery_name="tests.write_note", arguments={"args": ["new"], "kwargs": {}}
    )
    # As after a database was set back, and gave the key of an earlier task away again.
    write_note.apply(["old"], headers={"outbox_id": row.pk})
    assert [note.title for note in Note.objects.all()] == ["new"]
    other = Task.objects.create(name="other", celery_name="core.sweep_tasks")
    assert write_note.apply(["old"], headers={"outbox_id": other.pk}).get() == "done already"
    assert Note.objects.count() == Task.objects.count() == 1


def test_worker_that_was_given_up_undoes_what_it_did() -> None:
    row = Task.objects.create(name="tests.write_note")
    row.start_processing()

    def body() -> None:
        Note.objects.create(title="mine")
        age(lease_until=1)
        Task.objects.get().start_processing()  # somebody else takes over

    assert work_off(row, body) == "taken over"
    assert not Note.objects.exists()
    assert Task.objects.get().status == "processing"


def test_task_acts_for_whoever_queued_it_also_when_sent_again(make_user: Any, commit: Any) -> None:
    user = make_user()
    with acting_user(user), commit():
        row = queue_task(write_note, "plan", ingestor="test")
        assert row.context["context_user_id"] == user.pk == read_context().user_id
    assert Note.objects.get().created_by == user


def test_called_like_any_celery_task_it_is_one() -> None:
    assert write_note.delay("plan").get() == "written"
    assert Note.objects.count() == 1


def test_command_says_what_it_found() -> None:
    out = StringIO()
    call_command("sweep_tasks", stdout=out)
    assert out.getvalue() == "0 given back, 0 sent\n"
