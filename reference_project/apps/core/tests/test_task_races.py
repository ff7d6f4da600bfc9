"""Of workers that race for one transition, exactly one wins: real threads, real transactions."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from apps.core.models import IllegalTransition, Task

WORKERS = 6


def race(action: Callable[[], None]) -> tuple[int, list[BaseException]]:
    """Let threads do the same at once; returns how many succeeded, and what the others met."""
    barrier = threading.Barrier(WORKERS)
    wins: list[int] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            barrier.wait(timeout=10)
            action()
            wins.append(1)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return len(wins), errors


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("status", "transition", "left"),
    [
        ("pending", "start_processing", ["processing"]),
        ("processing", "complete_processing", []),
        ("processing", "fail_processing", ["failed"]),
    ],
)
def test_exactly_one_worker_wins(status: str, transition: str, left: list[str]) -> None:
    task = Task.objects.create(name="resize images", task_ingestor="upload", status=status)
    wins, errors = race(lambda: getattr(Task.objects.get(pk=task.pk), transition)())
    assert wins == 1
    assert {type(error) for error in errors} <= {IllegalTransition, Task.DoesNotExist}
    assert list(Task.objects.values_list("status", flat=True)) == left
