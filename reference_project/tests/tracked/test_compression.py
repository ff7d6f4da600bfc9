"""PostgreSQL compresses histories by the method that costs a save least, unless told otherwise."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from apps.core.compression import AVAILABLE, compress_histories
from tests.tracked.models import Note

pytestmark = pytest.mark.django_db
CHOSEN = (
    "SELECT attcompression::text FROM pg_attribute"
    " WHERE attrelid = %s::regclass AND attname = 'history'"
)


def ask(statement: str, *values: str) -> Any:
    """Ask the database for one value."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    return row and row[0]


def migrate(label: str) -> None:
    """Do what follows the migrations of an application."""
    compress_histories(apps.get_app_config(label), connection.alias)


def test_method_is_chosen_once_and_a_choice_of_ones_own_is_kept(
    django_assert_num_queries: Any,
) -> None:
    if connection.vendor != "postgresql":
        with django_assert_num_queries(0):
            migrate("tracked")
        return
    table, best = Note._meta.db_table, "l" if ask(AVAILABLE) else ""
    # The tables of the tests were migrated.
    assert ask(CHOSEN, table) == best
    for chosen, expected in (("default", best), ("pglz", "p")):
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} ALTER history SET COMPRESSION {chosen}")
        migrate("tracked")
        assert ask(CHOSEN, table) == expected


def test_application_without_histories_is_left_alone(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        migrate("sessions")


@pytest.mark.parametrize(
    ("answers", "altered"), [([None], 0), ([(1,), None], 0), ([(1,), (1,)], 1)]
)
def test_what_the_server_says_decides(
    monkeypatch: pytest.MonkeyPatch, answers: list[Any], altered: int
) -> None:
    ran: list[str] = []

    class Cursor:
        """A server that was built without LZ4; or with it, its tables decided or not."""

        def __enter__(self) -> "Cursor":
            return self

        def __exit__(self, *_: Any) -> None: ...

        def execute(self, statement: str, *_: Any) -> None:
            ran.append(statement)

        def fetchone(self) -> Any:
            return answers[min(len(ran), len(answers)) - 1]

    monkeypatch.setattr(connection, "vendor", "postgresql")
    monkeypatch.setattr(connection, "cursor", Cursor)
    migrate("tracked")
    changes = [statement for statement in ran if statement.startswith("ALTER TABLE")]
    tables = sum(
        any(field.name == "history" for field in model._meta.local_fields)
        for model in apps.get_app_config("tracked").get_models()
    )
    assert tables > 0 and len(changes) == altered * tables
