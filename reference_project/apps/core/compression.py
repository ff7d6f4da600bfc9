"""Has PostgreSQL compress histories by LZ4, which costs a save less than PostgreSQL's own method.

Every save appends to a row's history and so compresses it anew: with 50 entries that was the
greatest part of what the database did. A server can be built without LZ4; then nothing changes.
"""

from typing import Any

from django.apps import AppConfig
from django.db import connections

from apps.core.models import TrackableModel

AVAILABLE = (
    "SELECT 1 FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)"
)
# A column for which somebody has chosen a method keeps it.
UNDECIDED = (
    "SELECT 1 FROM pg_attribute"
    " WHERE attrelid = to_regclass(%s) AND attname = %s AND attcompression = ''"
)


def compress_histories(sender: AppConfig, using: str, **_signal: Any) -> None:
    """Choose the method for the models of an application; what is stored already stays as it is.

    :param sender: the application; Django's signal ``post_migrate`` says which.
    :param using: the database that was migrated.
    """
    connection = connections[using]
    fields: list[Any] = [
        field
        for model in sender.get_models()
        if issubclass(model, TrackableModel)
        for field in model._meta.local_fields
        if field.name == "history"
    ]
    if connection.vendor != "postgresql" or not fields:
        return
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(AVAILABLE)
        if cursor.fetchone() is None:
            return
        for field in fields:
            table, column = quote(field.model._meta.db_table), field.column
            cursor.execute(UNDECIDED, [table, column])
            if cursor.fetchone() is not None:
                cursor.execute(f"ALTER TABLE {table} ALTER {quote(column)} SET COMPRESSION lz4")
