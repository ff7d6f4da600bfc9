"""Each transition of a task happens once, whoever asks for it."""

import pytest
from django.db import IntegrityError, transaction

from apps.core.models import IllegalTransition, Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def task() -> Task:
    """A pending task."""
    return Task.objects.create(name="resize images", task_ingestor="upload")


@pytest.mark.smoke
def test_task_goes_from_pending_to_processed_and_is_deleted(task: Task) -> None:
    assert task.status == Task.TASK_STATUS_PENDING
    task.start_processing()
    task.refresh_from_db()
    assert task.status == Task.TASK_STATUS_PROCESSING
    task.complete_processing()
    assert task.status == Task.TASK_STATUS_PROCESSED
    assert not Task.objects.exists()


def test_failed_task_stays(task: Task) -> None:
    task.start_processing()
    task.fail_processing()
    assert Task.objects.get().status == Task.TASK_STATUS_FAILED


LEGAL = {
    "start_processing": Task.TASK_STATUS_PENDING,
    "complete_processing": Task.TASK_STATUS_PROCESSING,
    "fail_processing": Task.TASK_STATUS_PROCESSING,
}


@pytest.mark.parametrize("status", dict(Task.TASK_STATUS_CHOICES))
@pytest.mark.parametrize("transition", LEGAL)
def test_every_other_transition_is_refused(task: Task, transition: str, status: str) -> None:
    Task.objects.update(status=status)
    # The instance in memory is out of date on purpose: the row decides.
    if LEGAL[transition] == status:
        getattr(task, transition)()
        return
    with pytest.raises(IllegalTransition, match=f"'resize images' is {status}: only a "):
        getattr(task, transition)()
    assert Task.objects.get().status == status
    assert task.status == Task.TASK_STATUS_PENDING


def test_task_that_is_not_stored_is_refused(task: Task) -> None:
    with pytest.raises(IllegalTransition, match="is not stored"):
        Task(name="x", task_ingestor="y").start_processing()
    Task.objects.all().delete()
    with pytest.raises(IllegalTransition, match="is not stored"):
        task.start_processing()


def test_database_refuses_an_unknown_status(task: Task) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.update(status="lost")
