"""System checks of the database that ``migrate`` makes before it touches anything."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections


@register(Tags.database)
def check_character_set(
    databases: Sequence[str] | None = None, **_options: Any
) -> list[CheckMessage]:
    """Check that a MariaDB or MySQL database can hold any text.

    :param databases: the aliases to check; without any, nothing is checked.
    :returns: one error for each database whose tables would not be made in ``utf8mb4``.
    """
    errors: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor != "mysql":
            continue
        with connection.cursor() as cursor:
            cursor.execute("SELECT @@character_set_database")
            (character_set,) = cursor.fetchone()
        if character_set != "utf8mb4":
            name = connection.settings_dict["NAME"]
            errors.append(
                Error(
                    f"The database {name!r} keeps its text as {character_set}, which cannot hold "
                    "every name.",
                    hint=f"Before the first migration: ALTER DATABASE `{name}` CHARACTER SET "
                    "utf8mb4;",
                    id="core.E001",
                )
            )
    return errors
