"""What the API lists of this app, and how to have more of it: see tests/test_lists.py."""

from typing import Any

from apps.core.models import Task


def add_tasks(user: Any, number: int) -> None:
    """Add tasks.

    :param user: who will look.
    :param number: how many.
    """
    for _ in range(number):
        Task.objects.create(name="resize images", task_ingestor="upload")


LISTS = {"/api/v1/tasks/": add_tasks}
