"""Managers whose bulk operations record history as single saves do."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone

from apps.core.context import read_context
from apps.core.history import UPDATE, AppendEntry, make_entry

BOOKKEEPING = ("history", "updated_at", "updated_by")

Method = TypeVar("Method", bound=Callable[..., Any])


def alters_data(method: Method) -> Method:
    """Mark a method that changes data, so that Django's templates refuse to call it.

    :param method: the method.
    :returns: the same method.
    """
    method.alters_data = True  # type: ignore[attr-defined] # functions have no such attribute yet
    return method


class TrackableQuerySet(models.QuerySet[Any, Any]):
    """Rows whose every change is recorded, also when many change at once."""

    @alters_data
    def update(self, **values: Any) -> int:
        """Change rows in one statement, and record it in each.

        The rows are not loaded, so the entries know the new values only.

        :param values: the new values, by field.
        :returns: how many rows were changed.
        :raises ValueError: when a value is given for ``history``, which only records can change.

        .. testcode::

            from apps.documents.models import Document

            document = Document.objects.create(title="Draft")
            Document.objects.filter(pk=document.pk).update(title="Plan")
            print(Document.objects.get(pk=document.pk).history[-1]["changes"])

        .. testoutput::

            {'title': {'new': 'Plan'}}
        """
        if "history" in values:
            raise ValueError("history cannot be set: it records what is. Leave it out.")
        entry = make_entry(UPDATE, self.model.describe_values(values))
        with transaction.atomic(using=self.db):
            self._make_room(self)
            stamps = {"updated_at": timezone.now(), "updated_by": read_context().user_id}
            return super().update(**{**stamps, **values}, history=AppendEntry(entry))

    @alters_data
    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        """Insert rows in one statement, each with its first entry.

        :param objs: new instances.
        :param args: as Django's.
        :param options: as Django's.
        :returns: the instances.
        :raises ValueError: when existing rows are to be updated on a conflict: which of them were,
            and from which values, nobody could say.
        """
        if options.get("update_conflicts") or (len(args) > 2 and args[2]):
            raise ValueError(
                f"bulk_create cannot update {self.model.__name__} rows on a conflict, since their "
                "history would miss it. Insert what is new, and save or bulk_update the rest."
            )
        objs = list(objs)
        for obj in objs:
            obj.record_creation()
        made = super().bulk_create(objs, *args, **options)
        for obj in objs:
            obj.remember_values()
        return made

    @alters_data
    def bulk_update(
        self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None
    ) -> int:
        """Update rows in one statement a batch, each with an entry of what changed in it.

        :param objs: loaded instances.
        :param fields: the fields to write.
        :param batch_size: how many rows go into one statement.
        :returns: how many rows were changed.
        :raises ValueError: when ``history`` is among the fields.
        """
        objs, fields = list(objs), list(fields)
        if "history" in fields:
            raise ValueError("history cannot be set: it records what is. Leave it out.")
        user_id, now = read_context().user_id, timezone.now()
        plain: models.QuerySet[Any] = models.QuerySet(self.model, using=self.db)
        with transaction.atomic(using=self.db):
            self._make_room(plain.filter(pk__in=[obj.pk for obj in objs]))
            for obj in objs:
                changes = obj.find_changes(fields)
                obj.updated_at, obj.updated_by_id = now, user_id
                obj.history = AppendEntry(make_entry(UPDATE, changes))
            names = [*fields, *(name for name in BOOKKEEPING if name not in fields)]
            changed = plain.bulk_update(objs, names, batch_size=batch_size)
        for obj in objs:
            obj.remember_values(fields)
        return changed

    def _make_room(self, rows: models.QuerySet) -> None:
        """Archive the entries of those rows that have no room for one more."""
        from apps.core.models.archive import find_full, move_history

        full: Sequence[Any] = list(find_full(rows.order_by()).values_list("pk", flat=True))
        for pk in full:
            move_history(self.model, pk, self.db)


_RecordingManager = models.Manager.from_queryset(TrackableQuerySet)


class TrackableManager(_RecordingManager):
    """Reads rows without their history, which is fetched once somebody looks at it."""

    def get_queryset(self) -> TrackableQuerySet:
        """Start a query.

        :returns: all rows, ``history`` deferred.
        """
        rows: Any = super().get_queryset()
        return rows.defer("history")
