"""A tracked row tells its whole story: who, when, in which request, and from what to what."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError, connection, models, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext, isolate_apps

from apps.accounts.models import CustomUser
from apps.core.context import Context, acting_user, enter_context, leave_context
from apps.core.history import HISTORY_LIMIT
from apps.core.managers import TrackableManager
from apps.core.models import HistoryArchive, TrackableModel, full_history
from tests.tracked.models import Note

pytestmark = pytest.mark.django_db


def read_entries(note: Note) -> list[dict]:
    """Read what the row itself holds, past the instance."""
    return Note.objects.values_list("history", flat=True).get(pk=note.pk)


def fold(entries: list[dict]) -> dict[str, Any]:
    """Follow the values through all entries; each must start where the one before ended."""
    values: dict[str, Any] = {}
    for entry in entries:
        for name, change in entry["changes"].items():
            if entry["action"] != "create" and "old" in change:
                assert values[name] == change["old"], (name, entry)
            if "new" in change:
                values[name] = change["new"]
    return values


@pytest.mark.smoke
def test_every_save_says_what_changed_from_what_the_writer_had_loaded() -> None:
    note = Note.objects.create(title="Draft", price=Decimal("1.50"))
    mine, theirs = Note.objects.get(pk=note.pk), Note.objects.get(pk=note.pk)
    mine.title = "Mine"
    mine.save()
    theirs.title, theirs.count = "Theirs", 3
    theirs.save()
    created, first, second = read_entries(note)
    assert created["action"] == "create"
    assert created["changes"]["title"] == {"old": None, "new": "Draft"}
    assert created["changes"]["price"] == {"old": None, "new": "1.50"}
    assert first["changes"] == {"title": {"old": "Draft", "new": "Mine"}}
    assert second["changes"] == {
        "title": {"old": "Draft", "new": "Theirs"},
        "count": {"old": 0, "new": 3},
    }


def test_entry_says_who_when_and_in_which_request(make_user: Any) -> None:
    user = make_user()
    token = enter_context(Context(request_id="r-1", user_id=user.pk, task_id="t-1"))
    note = Note.objects.create(title="Draft")
    leave_context(token)
    with acting_user(None):
        note.save()
    first, second = read_entries(note)
    assert (first["by"], first["request"], first["task"]) == (user.pk, "r-1", "t-1")
    assert second["by"] is None and "request" not in second and "task" not in second
    note.refresh_from_db()
    assert note.created_by == user and note.updated_by is None
    assert datetime.fromisoformat(first["at"]) <= datetime.now(UTC)


def test_secret_values_are_never_written_down() -> None:
    note = Note.objects.create(title="Draft", pin="pin-one")
    note.pin = "pin-two"
    note.save()
    Note.objects.filter(pk=note.pk).update(pin="pin-three")
    note.delete()
    text = str(list(HistoryArchive.objects.values_list("entries", flat=True)))
    assert "'pin': {'hidden': True}" in text
    assert not any(secret in text for secret in ("pin-one", "pin-two", "pin-three"))


def test_folding_all_changes_gives_the_row() -> None:
    note = Note.objects.create(title="Draft")
    due = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    for number in range(2 * HISTORY_LIMIT + 30):
        note.count = number
        note.tags = [*note.tags[-3:], number]
        note.due = due.replace(minute=number % 60)
        note.price = Decimal(number) / 4
        note.save()
    entries = full_history(Note, note.pk)
    assert len(entries) == 2 * HISTORY_LIMIT + 31
    assert len(read_entries(note)) <= HISTORY_LIMIT
    assert HistoryArchive.objects.count() == 2
    row = fold(entries)
    assert row["count"] == note.count and row["tags"] == note.tags
    assert Decimal(row["price"]) == note.price
    assert datetime.fromisoformat(row["due"]) == note.due


def test_save_takes_one_statement() -> None:
    note = Note.objects.create(title="Draft")
    note.title = "Plan"
    with CaptureQueriesContext(connection) as queries:
        note.save()
        note.title = "Other"
        note.save(update_fields=["title"])
    statements = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(statements) == 2 and all(sql.startswith("UPDATE") for sql in statements)
    assert not any("history" in sql.partition("RETURNING")[2] for sql in statements)


def test_full_row_is_archived_once_and_nothing_is_lost() -> None:
    note = Note.objects.create(title="0")
    for number in range(1, HISTORY_LIMIT + 5):
        note.title = str(number)
        note.save()
    (archive,) = HistoryArchive.objects.all()
    assert len(archive.entries) == HISTORY_LIMIT and archive.object_pk == str(note.pk)
    titles = [entry["changes"]["title"]["new"] for entry in full_history(Note, note.pk)]
    assert titles == [str(number) for number in range(HISTORY_LIMIT + 5)]


def test_deleted_row_leaves_its_story() -> None:
    note = Note.objects.create(title="Draft")
    child = Note.objects.create(title="Child", parent=note)
    pk, child_pk = note.pk, child.pk
    note.delete()
    actions = [entry["action"] for entry in full_history(Note, pk)]
    assert actions == ["create", "delete"]
    assert [entry["action"] for entry in full_history(Note, child_pk)] == ["create", "delete"]
    Note.objects.create(title="Other")
    Note.objects.all().delete()
    assert full_history(Note, pk)[-1]["changes"]["title"] == {"old": "Draft"}


def test_file_is_recorded_under_the_name_it_was_stored_with(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("taken")
    note = Note.objects.create(title="Draft", file=ContentFile(b"x", name="a.txt"))
    assert note.file.name != "notes/a.txt"
    assert read_entries(note)[0]["changes"]["file"]["new"] == note.file.name


def test_mutable_values_are_remembered_as_they_were() -> None:
    note = Note.objects.create(title="Draft", tags=["a"])
    note.tags.append("b")
    note.save()
    assert read_entries(note)[-1]["changes"] == {"tags": {"old": ["a"], "new": ["a", "b"]}}


def test_field_that_was_not_loaded_has_no_old_value() -> None:
    pk = Note.objects.create(title="Draft").pk
    note = Note.objects.only("count").get(pk=pk)
    note.title = "Plan"
    note.save()
    assert note.history[-1]["changes"] == {"title": {"new": "Plan"}}


def test_expression_is_recorded_as_such_and_the_next_change_starts_from_the_result() -> None:
    note = Note.objects.create(title="Draft")
    note.count = F("count") + 2
    note.save()
    note.refresh_from_db()
    # Read before it is changed: where the database returns nothing from an update, Django 6.1
    # loads the result only when somebody asks for it, and *old* is what this writer has loaded.
    assert note.count == 2
    note.count = 5
    note.save()
    second, third = read_entries(note)[1:]
    assert second["changes"]["count"]["old"] == 0
    assert "count" in second["changes"]["count"]["expression"]
    assert third["changes"] == {"count": {"old": 2, "new": 5}}


def test_new_instance_with_the_key_of_a_row_changes_that_row() -> None:
    note = Note.objects.create(title="Draft", count=1)
    Note(pk=note.pk, title="Plan").save()
    assert [entry["action"] for entry in read_entries(note)] == ["create", "update"]
    assert read_entries(note)[-1]["changes"]["title"] == {"old": "Draft", "new": "Plan"}


def test_copy_of_a_row_has_a_story_of_its_own() -> None:
    note = Note.objects.create(title="Draft")
    note.title = "Plan"
    note.save()
    first, note.pk = note.pk, None
    note.save()
    assert note.pk != first
    assert [entry["action"] for entry in read_entries(note)] == ["create"]


def test_row_that_is_gone_does_not_come_back() -> None:
    note = Note.objects.create(title="Draft")
    Note.objects.filter(pk=note.pk).delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        note.save()
    assert not Note.objects.exists()


def test_history_stays_out_of_listings() -> None:
    Note.objects.create(title="Draft")
    with CaptureQueriesContext(connection) as queries:
        (note,) = Note.objects.all()
    assert "history" not in queries[0]["sql"]
    assert len(note.history) == 1


def test_bulk_update_of_a_query_is_recorded(make_user: Any) -> None:
    user = make_user()
    notes = [Note.objects.create(title=str(number)) for number in range(3)]
    for _ in range(HISTORY_LIMIT):
        notes[0].save()
    with acting_user(user):
        some = Note.objects.filter(title__in=["0", "1"])
        assert some.update(count=F("count") + 1, tags=["x"]) == 2
    for note in notes[:2]:
        entry = full_history(Note, note.pk)[-1]
        assert entry["by"] == user.pk
        assert entry["changes"]["tags"] == {"new": ["x"]}
        assert "expression" in entry["changes"]["count"]
        assert len(read_entries(note)) <= HISTORY_LIMIT
    assert len(read_entries(notes[2])) == 1
    with pytest.raises(ValueError, match="history cannot be set"):
        Note.objects.update(history=[])


def test_bulk_create_and_bulk_update_are_recorded() -> None:
    Note.objects.bulk_create([Note(title=str(number)) for number in range(3)])
    notes = list(Note.objects.order_by("pk"))
    for note in notes:
        note.count = int(note.title) + 1
    assert Note.objects.bulk_update(notes, ["count"]) == 3
    for number, note in enumerate(notes):
        created, changed = read_entries(note)
        assert created["changes"]["title"]["new"] == str(number)
        assert changed["changes"] == {"count": {"old": 0, "new": number + 1}}
        assert note.history == [created, changed]
    with pytest.raises(ValueError, match="cannot update Note rows on a conflict"):
        Note.objects.bulk_create(
            notes, update_conflicts=True, update_fields=["title"], unique_fields=["id"]
        )
    with pytest.raises(ValueError, match="history cannot be set"):
        Note.objects.bulk_update(notes, ["history"])


def test_user_who_is_deleted_leaves_rows_and_entries(make_user: Any) -> None:
    user = make_user()
    with acting_user(user):
        note = Note.objects.create(title="Draft")
    pk = user.pk
    CustomUser.objects.filter(pk=pk).delete()
    note.refresh_from_db()
    assert note.created_by is None
    assert note.history[0]["by"] == pk


@isolate_apps("tests.tracked", "apps.accounts")
def test_manager_that_records_nothing_is_refused() -> None:
    class Loose(TrackableModel):
        objects = models.Manager()

        class Meta:
            app_label = "tracked"
            managed = False

    class Fine(TrackableModel):
        objects = TrackableManager()

        class Meta:
            app_label = "tracked"
            managed = False

    assert "core.E101" in [message.id for message in Loose.check()]
    assert "core.E101" not in [message.id for message in Fine.check()]
