"""Many writers of one row: every change is recorded, each once."""

import threading

import pytest
from django.db import connection

from apps.core.models import full_history
from tests.tracked.models import Note

WRITERS, SAVES = 4, 40


@pytest.mark.django_db(transaction=True)
def test_writers_side_by_side_lose_no_entry() -> None:
    note = Note.objects.create(title="start")
    failures: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            own = Note.objects.get(pk=note.pk)
            for number in range(SAVES):
                own.title = f"{writer}-{number}"
                own.save(update_fields=["title"])
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    titles = [entry["changes"]["title"]["new"] for entry in full_history(Note, note.pk)]
    assert sorted(titles[1:]) == sorted(
        f"{writer}-{number}" for writer in range(WRITERS) for number in range(SAVES)
    )
