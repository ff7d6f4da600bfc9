"""Eight processes change one row at once: every change is in its history, each once."""

from collections.abc import Callable

import pytest

from .machine import Machine

WRITERS, SAVES = 8, 200

WRITE = """
import sys, django
django.setup()
from tests.tracked.models import Note
pk, writer, saves = map(int, sys.argv[1:])
note = Note.objects.get(pk=pk)
for number in range(saves):
    note.title = f"{writer}-{number}"
    note.save()
"""


@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mariadb"])
def test_no_change_is_lost_or_recorded_twice(database: str, make_machine: Callable[..., Machine]) -> None:
    machine = make_machine(database)
    pk = machine.ask('Note.objects.create(title="start").pk')
    writers = [machine.spawn("-c", WRITE, pk, str(writer), str(SAVES)) for writer in range(WRITERS)]
    assert [writer.wait(300) for writer in writers] == [0] * WRITERS, machine.logs()
    titles = machine.ask(
        f'" ".join(entry["changes"].get("title", {{}}).get("new", "?") for entry in full_history(Note, {pk}))'
    ).split()
    assert titles[0] == "start"
    expected = {f"{writer}-{number}" for writer in range(WRITERS) for number in range(SAVES)}
    assert len(titles) - 1 == WRITERS * SAVES
    assert set(titles[1:]) == expected
    assert int(machine.ask(f"len(Note.objects.get(pk={pk}).history)")) <= 100
