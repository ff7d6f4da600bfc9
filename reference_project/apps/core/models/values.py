"""What a tracked instance knows of its values: which were loaded, and which have changed since."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models

from apps.core.context import read_context
from apps.core.history import CREATE, UNKNOWN, describe_change, make_entry, read_value

# They say who and when; the entry says that itself.
BOOKKEEPING = {"history", "created_at", "updated_at", "created_by", "updated_by"}


class RecordedValues(models.Model):
    """The part of a tracked model that compares its values with those it was loaded with."""

    #: Fields whose values are secret: their entries say only that they changed.
    history_excluded: ClassVar[tuple[str, ...]] = ()

    _recorded_fields: ClassVar[list[Any]]

    class Meta:
        # Also so that no migration names this class.
        abstract = True

    def find_changes(self, names: Iterable[str] | None = None) -> dict[str, Any]:
        """Compare the instance with what was loaded.

        :param names: the fields to look at; all that are loaded, if not given.
        :returns: by field, the old and the new value; nothing for fields that did not change.
        """
        wanted = None if names is None else set(names)
        changes = {}
        for field in self._list_recorded():
            if wanted is not None and not wanted & {field.name, field.attname}:
                continue
            if field.attname not in self.__dict__:
                continue
            old = self._loaded.get(field.attname, UNKNOWN)
            new = read_value(field, self.__dict__[field.attname])
            if old is UNKNOWN or old != new:
                changes[field.name] = self._hide(field.name) or describe_change(old, new)
        return changes

    @classmethod
    def describe_values(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Describe new values that no instance was loaded for.

        :param values: by field.
        :returns: by field, the new value.
        """
        fields: dict[str, Any] = {name: cls._meta.get_field(name) for name in values}
        recorded = {field.name for field in cls._list_recorded()}
        plain = {name: getattr(value, "pk", value) for name, value in values.items()}
        return {
            field.name: cls._hide(field.name) or describe_change(new=read_value(field, plain[name]))
            for name, field in fields.items()
            if field.name in recorded
        }

    def record_creation(self) -> None:
        """Give a new instance its first entry, and say who makes it."""
        user_id = read_context().user_id
        if user_id is not None:
            self.created_by_id = user_id
        self.updated_by_id = self.created_by_id
        self._loaded: dict[str, Any] = {}
        changes = {}
        for field in self._list_recorded():
            value = read_value(field, getattr(self, field.attname))
            changes[field.name] = self._hide(field.name) or describe_change(None, value)
        self.history = [make_entry(CREATE, changes)]

    def remember_values(self, names: Iterable[str] | None = None) -> None:
        """Take the present values for those in the database.

        :param names: the fields to look at; all that are loaded, if not given.
        """
        wanted = None if names is None else set(names)
        if wanted is None or "_loaded" not in self.__dict__:
            self._loaded = {}
        for field in self._list_recorded():
            name = field.attname
            if wanted is not None and not wanted & {field.name, name}:
                continue
            if name in self.__dict__:
                value = read_value(field, self.__dict__[name])
                if hasattr(value, "resolve_expression"):
                    self._loaded.pop(name, None)
                else:
                    self._loaded[name] = value
        if hasattr(self.__dict__.get("history"), "resolve_expression"):
            # What the database made of it is fetched when somebody looks.
            del self.__dict__["history"]

    @classmethod
    def _list_recorded(cls) -> list[Any]:
        fields = cls.__dict__.get("_recorded_fields")
        if fields is None:
            fields = [
                field
                for field in cls._meta.concrete_fields
                if not field.primary_key
                and not field.generated
                and field.name not in BOOKKEEPING
                and not getattr(field, "auto_now", False)
                and not getattr(field, "auto_now_add", False)
            ]
            cls._recorded_fields = fields
        return fields

    @classmethod
    def _hide(cls, name: str) -> dict[str, Any] | None:
        secret = name == "password" or name in cls.history_excluded
        return {"hidden": True} if secret else None
