"""An e-mail field that is unique whatever the case, on every database."""

import unicodedata
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


def normalise_address(address: str) -> str:
    """Bring an address into the one form that is stored and looked up.

    :param address: the address as somebody typed it.
    :returns: it without surrounding blanks, in composed Unicode (NFC) and lower case.

    .. testcode::

        from apps.accounts.fields import normalise_address

        print(normalise_address(" Ada@Example.ORG "))

    .. testoutput::

        ada@example.org
    """
    return unicodedata.normalize("NFC", address.strip()).lower()


class AddressField(models.EmailField):
    """An e-mail address, stored and looked up in lower case.

    Unique constraints on ``LOWER(email)`` hold nothing on MariaDB, and its usual collations take
    ``jose@`` and ``josé@`` for the same. So the value itself is in lower case, under a collation
    that compares every character.
    """

    def get_prep_value(self, value: Any) -> Any:
        """Normalise what is written and what is looked for.

        :param value: an address, an expression or ``None``.
        :returns: the normalised address; anything else unchanged.
        """
        value = super().get_prep_value(value)
        return normalise_address(value) if isinstance(value, str) else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Normalise the instance's own value too, so that it equals the stored one.

        :param model_instance: the instance that is saved.
        :param add: whether its row is new.
        :returns: the value to store.
        """
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = normalise_address(value)
            setattr(model_instance, self.attname, value)
        return value

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        """Describe the column, with its collation on MariaDB and MySQL.

        :param connection: the database the column is made in.
        :returns: type, check and collation.
        """
        parameters = super().db_parameters(connection)
        if connection.vendor == "mysql":
            parameters["collation"] = "utf8mb4_bin"
        return parameters
