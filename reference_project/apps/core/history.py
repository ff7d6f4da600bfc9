"""History entries: what one says, how it writes values, and the SQL that appends it to a row."""

import json
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import (
    BooleanField,
    Expression,
    Field,
    FileField,
    Func,
    IntegerField,
    JSONField,
)
from django.utils import timezone

from apps.core.context import read_context

#: How many entries a row holds at most; the rest lies in the archive.
HISTORY_LIMIT = 100
# What counts the entries, where it is not SQLite's json_array_length.
LENGTHS = {"postgresql": "jsonb_array_length", "mysql": "JSON_LENGTH"}
CREATE, UPDATE, DELETE = "create", "update", "delete"
ENCODER = DjangoJSONEncoder(ensure_ascii=False, separators=(",", ":"))


class OwnSQL(Expression):
    """An expression that writes its own SQL, and asks nothing of Django but where it stands.

    Those below are part of every save: composed of Django's expressions, they took as long to build
    as the rest of the statement. They are made for one statement and hold no other expression, so
    there is nothing to resolve, and no need of the copy that Django would make.
    """

    contains_aggregate = contains_over_clause = contains_column_references = False

    def resolve_expression(self, *_args: Any, **_options: Any) -> Any:
        """Return the expression itself.

        :returns: the expression.
        """
        return self


class AppendEntry(OwnSQL):
    """A JSON array with one more entry at its end; the database appends, nothing is read before."""

    output_field = JSONField()

    def __init__(self, entry: Mapping[str, Any], column: str = "history") -> None:
        """Take an entry.

        :param entry: what :func:`make_entry` returns.
        :param column: the field that holds the array.
        """
        super().__init__()
        self.text = dump_entry(entry)
        self.column = column

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        """Write it for SQLite.

        :param compiler: what writes the statement.
        :param connection: the database.
        :returns: the SQL and its parameters.
        """
        column = find_column(compiler, connection, self.column)
        return f"json_insert({column}, '$[#]', json(%s))", (self.text,)

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        """Write it for PostgreSQL.

        :param compiler: what writes the statement.
        :param connection: the database.
        :returns: the SQL and its parameters.
        """
        column = find_column(compiler, connection, self.column)
        return f"({column} || jsonb_build_array(%s::jsonb))", (self.text,)

    def as_mysql(self, compiler: Any, connection: Any) -> Any:
        """Write it for MariaDB: the inner function marks the text as JSON.

        :param compiler: what writes the statement.
        :param connection: the database.
        :returns: the SQL and its parameters.
        """
        column = find_column(compiler, connection, self.column)
        return f"JSON_ARRAY_APPEND({column}, '$', JSON_EXTRACT(%s, '$'))", (self.text,)


class HasRoom(OwnSQL):
    """Whether a row's array may take another entry."""

    output_field = BooleanField()

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Write it for any database.

        :param compiler: what writes the statement.
        :param connection: the database.
        :returns: the SQL and its parameters.
        """
        length = LENGTHS.get(connection.vendor, "json_array_length")
        column = find_column(compiler, connection, "history")
        return f"{length}({column}) < {HISTORY_LIMIT}", ()


class HistoryLength(Func):
    """How many entries a row's array has."""

    output_field = IntegerField()

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **extra: Any
    ) -> Any:
        """Write it for any database.

        :param compiler: what writes the statement.
        :param connection: the database.
        :param extra: as Django's.
        :returns: the SQL and its parameters.
        """
        function = LENGTHS.get(connection.vendor, "json_array_length")
        return super().as_sql(compiler, connection, function=function, **extra)


def find_column(compiler: Any, connection: Any, name: str) -> str:
    """Find what a statement calls the column of a field of its own model.

    :param compiler: what writes the statement.
    :param connection: the database.
    :param name: the field.
    :returns: table and column, quoted.
    """
    query, quote = compiler.query, connection.ops.quote_name
    # Nothing is joined to what is updated, so its first alias is the table's own name.
    return f"{quote(query.get_initial_alias())}.{quote(query.get_meta().get_field(name).column)}"


def dump_entry(entry: Mapping[str, Any]) -> str:
    """Write an entry as JSON, the same text for the same entry.

    :param entry: the entry.
    :returns: the text.
    """
    return ENCODER.encode(entry)


def make_entry(action: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Say what happened, when, by whom, in which request and task.

    :param action: ``create``, ``update`` or ``delete``.
    :param changes: by field, what :func:`describe_change` returns.
    :returns: the entry; request and task are left out where there is none.

    .. testcode::

        from apps.core.history import UPDATE, describe_change, make_entry

        entry = make_entry(UPDATE, {"title": describe_change("Draft", "Plan")})
        print(entry["action"], entry["by"], entry["changes"])

    .. testoutput::

        update None {'title': {'old': 'Draft', 'new': 'Plan'}}
    """
    context = read_context()
    entry: dict[str, Any] = {
        "action": action,
        "at": timezone.now().isoformat(),
        "by": context.user_id,
    }
    if context.request_id:
        entry["request"] = context.request_id
    if context.task_id:
        entry["task"] = context.task_id
    return {**entry, "changes": dict(changes)}


UNKNOWN: Any = object()


def describe_change(old: Any = UNKNOWN, new: Any = UNKNOWN) -> dict[str, Any]:
    """Describe how a value changed.

    :param old: the value that the writer had loaded; left out when it had not.
    :param new: the value that was written; an expression, which only the database can reckon, is
        described by its text.
    :returns: ``old``, ``new`` and ``expression``, each if there is one.
    """
    change = {} if old is UNKNOWN else {"old": old}
    if hasattr(new, "resolve_expression"):
        change["expression"] = str(new)
    elif new is not UNKNOWN:
        change["new"] = new
    return change


def read_value(field: Field, value: Any) -> Any:
    """Turn a field's value into one that an entry can hold and that does not change afterwards.

    :param field: the field.
    :param value: its value on an instance.
    :returns: a JSON value; files by their names, relations by the key, others in the form that
        Django's own serialisers use. Expressions are returned as they are.
    """
    if value is None or hasattr(value, "resolve_expression"):
        return value
    if isinstance(field, FileField):
        return getattr(value, "name", value) or ""
    if isinstance(field, JSONField):
        return json.loads(json.dumps(value, cls=field.encoder or DjangoJSONEncoder))
    if isinstance(value, str | bool | int | float):
        return field.to_python(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return json.loads(json.dumps(field.to_python(value), cls=DjangoJSONEncoder, default=str))
