"""A truth value that a database may reckon, and that Django can compare on every database."""

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class MarkerField(models.BooleanField):
    """The field of a generated truth value; in migrations it is a ``BooleanField``.

    To see whether a value is taken, Django 6.1 casts the outcome of a ``Case`` to its field's type,
    and MariaDB and MySQL know none called ``bool`` there.
    """

    def cast_db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """Return the type to cast to.

        :param connection: to the database that is asked.
        :returns: its type of truth values.
        """
        if connection.vendor == "mysql":
            return "signed integer"
        return super().cast_db_type(connection)

    def deconstruct(self) -> tuple[str, str, list[object], dict[str, object]]:
        """Describe the field to migrations, which need not know of casts.

        :returns: name, path, arguments and options, as of a ``BooleanField``.
        """
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.BooleanField", list(args), dict(options)
