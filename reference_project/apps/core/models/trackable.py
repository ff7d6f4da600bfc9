"""The TrackableModel: a model that remembers who changed what, and when."""

from collections.abc import Collection, Iterable
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import models, router, transaction
from django.db.models.signals import class_prepared, pre_delete

from apps.core.context import read_context
from apps.core.history import (
    DELETE,
    HISTORY_LIMIT,
    UNKNOWN,
    UPDATE,
    AppendEntry,
    HasRoom,
    describe_change,
    make_entry,
)
from apps.core.managers import TrackableManager, TrackableQuerySet
from apps.core.models.archive import archive_entries, move_history
from apps.core.models.values import RecordedValues


class TrackableModel(RecordedValues):
    """A model whose every creation, change and deletion is recorded in the row itself.

    Each entry of ``history`` says what was done, when, by whom, in which request, and for each
    changed field the value before and after. *Before* is the value that this writer had loaded.
    The entry is appended by the statement that changes the row; so nothing is read for it, and of
    many writers none can lose another's entry.

    .. testcode::

        from apps.documents.models import Document

        document = Document.objects.create(title="Draft")
        document.title = "Plan"
        document.save()
        print(document.history[-1]["changes"])

    .. testoutput::

        {'title': {'old': 'Draft', 'new': 'Plan'}}

    A row holds its latest entries; older ones, and those of deleted rows, are read with
    :func:`~apps.core.models.full_history`.

    What is *not* recorded: raw SQL, and the foreign keys that Django empties because the row they
    point at was deleted (``SET_NULL``). Values of a field named ``password``, and of those that
    ``history_excluded`` names, are never written down, only that they changed.
    """

    created_at = models.DateTimeField(auto_now_add=True, help_text="When the row was made.")
    updated_at = models.DateTimeField(auto_now=True, help_text="When it was last changed.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who made it; empty when nobody was known.",
    )
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who changed it last; empty when nobody was known.",
    )
    history = models.JSONField(
        default=list, editable=False, help_text="The latest changes, oldest first."
    )

    objects = TrackableManager()

    class Meta:
        abstract = True

    def save(
        self,
        *args: Any,
        force_insert: Any = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Write the row, and what changed in it.

        :param args: nothing.
        :param force_insert: as Django's.
        :param force_update: as Django's.
        :param using: as Django's.
        :param update_fields: as Django's; the record of the change is always among them.
        :raises TypeError: when an option is given without its name.
        :raises django.db.DatabaseError: when the row of a loaded instance is gone.
        """
        if args:
            raise TypeError("save() takes keyword arguments only.")
        using = using or router.db_for_write(type(self), instance=self)
        if self._state.adding and self.pk is not None and not force_insert:
            self._adopt_row(using)
        # A key set to None makes a copy of the row, as everywhere in Django.
        if self._state.adding or self.pk is None or force_insert:
            self._store_files()
            self.record_creation()
            super().save(
                force_insert=force_insert,
                force_update=force_update,
                using=using,
                update_fields=update_fields,
            )
            self.remember_values()
            return
        names = None if update_fields is None else set(update_fields)
        if names is not None and not names:
            return
        self._store_files(names)
        self._save_changes(using, names, force_insert)

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any
    ) -> Any:
        """Make an instance of a row, and remember the values that it was loaded with.

        :param db: the database.
        :param field_names: the fields that were loaded.
        :param values: their values.
        :param options: as Django's.
        :returns: the instance.
        """
        instance = super().from_db(db, field_names, values, **options)
        instance.remember_values()
        return instance

    def refresh_from_db(  # type: ignore[override]
        self, using: Any = None, fields: Any = None, **options: Any
    ) -> None:
        """Load values again; they are what a later change starts from.

        :param using: the database.
        :param fields: the fields to load; all, if not given.
        :param options: as Django's.
        """
        super().refresh_from_db(using=using, fields=fields, **options)
        self.remember_values(fields)

    @classmethod
    def check(cls, **options: Any) -> list[checks.CheckMessage]:
        """Find what would make a model lose its records without a word.

        :param options: as Django's.
        :returns: what was found.
        """
        found = super().check(**options)
        manager: Any = cls._default_manager
        if not isinstance(manager._queryset_class(), TrackableQuerySet):
            found.append(
                checks.Error(
                    f"The default manager of {cls.__name__} does not record bulk operations.",
                    hint="Derive it from apps.core.managers.TrackableManager.",
                    obj=cls,
                    id="core.E101",
                )
            )
        return found

    def _adopt_row(self, using: str) -> None:
        """Treat a new instance with the key of an existing row as a change of that row."""
        rows: models.QuerySet[Any] = models.QuerySet(type(self), using=using).defer("history")
        if (row := rows.filter(pk=self.pk).first()) is not None:
            self._state.adding, self._state.db = False, using
            self._loaded = row._loaded
            self.created_at, self.created_by_id = row.created_at, row.created_by_id
            self.__dict__.pop("history", None)

    def _store_files(self, names: set[str] | None = None) -> None:
        """Store files now: only then their names are known, which the entry is to hold."""
        for field in self._list_recorded():
            if isinstance(field, models.FileField) and (names is None or field.name in names):
                field.pre_save(self, self._state.adding)

    def _save_changes(self, using: str, names: set[str] | None, force_insert: Any) -> None:
        self.updated_by_id = read_context().user_id
        self.history = AppendEntry(make_entry(self._action(), self.find_changes(names)))
        if names is not None:
            names = names | {"history", "updated_at", "updated_by"}
        try:
            # An update and nothing else: a row that somebody deleted must not come back.
            super().save(
                force_insert=force_insert,
                force_update=names is None,
                using=using,
                update_fields=names,
            )
        finally:
            self.__dict__.pop("history", None)
        self.remember_values(names)

    def _action(self) -> str:
        return UPDATE

    def _do_update(  # type: ignore[override]
        self, base_qs: models.QuerySet[Any], using: str, pk_val: Any, *rest: Any
    ) -> Any:
        """Update the row if its history has room; else move that to the archive, and try again."""
        if not isinstance(self.__dict__.get("history"), AppendEntry):
            return super()._do_update(base_qs, using, pk_val, *rest)
        rows = base_qs.all()
        # Not by filter(), which would look for fields and joins in it.
        rows.query.where.add(HasRoom(), "AND")
        if done := self._write(rows, using, pk_val, *rest):
            return done
        with transaction.atomic(using=using):
            if not move_history(type(self), pk_val, using, least=HISTORY_LIMIT):
                return done
            return self._write(base_qs, using, pk_val, *rest)

    def _write(self, rows: Any, using: str, pk_val: Any, *rest: Any) -> Any:
        """Run the update; from Django 6.0 on, without having the whole history sent back."""
        values, update_fields, forced, *returning = rest
        if not returning:
            return super()._do_update(rows, using, pk_val, *rest)
        names = [field.name for field in returning[0]]
        wanted = [field for field in returning[0] if field.name != "history"]
        if not wanted:
            return [()] if rows.filter(pk=pk_val)._update(values) else []
        found = super()._do_update(rows, using, pk_val, values, update_fields, forced, wanted)
        if found and found[0]:
            row = list(found[0])
            row.insert(names.index("history"), None)
            return [tuple(row)]
        return found


def record_deletion(instance: TrackableModel, using: str, **_: Any) -> None:
    """Move the history of a row that is about to be deleted, and say who deletes it.

    :param instance: the row.
    :param using: the database.
    """
    changes = {}
    for field in instance._list_recorded():
        if (old := instance._loaded.get(field.attname, UNKNOWN)) is not UNKNOWN:
            changes[field.name] = instance._hide(field.name) or describe_change(old)
    move_history(type(instance), instance.pk, using)
    archive_entries(type(instance), instance.pk, using, [make_entry(DELETE, changes)])


def _watch_deletions(sender: type[models.Model], **_: Any) -> None:
    if issubclass(sender, TrackableModel) and not sender._meta.abstract:
        pre_delete.connect(record_deletion, sender=sender, dispatch_uid=sender._meta.label_lower)


class_prepared.connect(_watch_deletions, dispatch_uid="apps.core.models.trackable")
