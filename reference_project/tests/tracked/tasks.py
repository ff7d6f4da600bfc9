"""A Celery task with an effect that can be counted."""

import time

from apps.core.outbox import outbox_task
from tests.tracked.models import Note


@outbox_task(name="tracked.write_note")
def write_note(title: str, seconds: float = 0) -> None:
    """Write a note, taking a while.

    :param title: the note's title.
    :param seconds: how long it takes.
    """
    Note.objects.create(title=title)
    time.sleep(seconds)
