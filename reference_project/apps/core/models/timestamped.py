"""The TimestampedModel: rows that are marked as deleted, and can be brought back."""

from datetime import datetime

from django.db import IntegrityError, models, router, transaction
from django.db.models import Case, Value, When
from django.utils import timezone

from apps.core.fields import MarkerField
from apps.core.history import DELETE, UPDATE
from apps.core.managers import TrackableManager, TrackableQuerySet, alters_data
from apps.core.models.cascade import find_deleted_parent, list_cascade, list_deleted
from apps.core.models.trackable import TrackableModel


class CannotRestore(Exception):
    """A deleted row cannot come back: what it needs, or was, has gone to another."""


class TimestampedQuerySet(TrackableQuerySet):
    """Rows that are marked as deleted rather than removed."""

    def alive(self) -> "TimestampedQuerySet":
        """Narrow down to rows that are not deleted.

        :returns: those rows.
        """
        return self.filter(date_deleted__isnull=True)

    @alters_data
    def delete(self) -> tuple[int, dict[str, int]]:
        """Mark every row as deleted, and what cascades from it.

        :returns: how many rows were marked, and how many of each model.
        :raises django.db.models.ProtectedError: when a row that is alive protects one of them.
        """
        total: dict[str, int] = {}
        with transaction.atomic(using=self.db):
            for row in self.order_by():
                for label, number in row.delete()[1].items():
                    total[label] = total.get(label, 0) + number
        return sum(total.values()), total

    # As Django's own: a manager must not delete all rows by a slip of the pen.
    delete.queryset_only = True  # type: ignore[attr-defined]

    @alters_data
    def restore(self) -> int:
        """Bring deleted rows back, each with what was deleted together with it.

        :returns: how many rows came back.
        :raises CannotRestore: when one of them cannot; then none does.
        """
        with transaction.atomic(using=self.db):
            return sum(row.restore() for row in self.order_by())

    @alters_data
    def hard_delete(self) -> tuple[int, dict[str, int]]:
        """Remove the rows themselves; their history stays in the archive.

        :returns: how many rows were removed, and how many of each model.
        """
        return super().delete()


_SoftDeletingManager = TrackableManager.from_queryset(TimestampedQuerySet)


class AllManager(_SoftDeletingManager):  # type: ignore[misc,valid-type]
    """Reads all rows, deleted ones too."""


class AliveManager(AllManager):
    """Reads the rows that are not deleted."""

    def get_queryset(self) -> TimestampedQuerySet:
        """Start a query.

        :returns: the rows that are alive, ``history`` deferred.
        """
        return super().get_queryset().alive()


class TimestampedModel(TrackableModel):
    """A tracked model whose rows are marked as deleted, and can be restored.

    ``objects`` knows the rows that are alive, ``all_objects`` all of them.

    .. testcode::

        from apps.documents.models import Document

        document = Document.objects.create(title="Plan")
        document.delete()
        print(Document.objects.filter(pk=document.pk).exists())
        document.restore()
        print(Document.objects.filter(pk=document.pk).exists())

    .. testoutput::

        False
        True

    A value that is to be unique among the rows that are alive goes into a constraint together with
    ``alive``. That field is empty on deleted rows, and an empty value equals no other; so the
    value can be used again, on every database, also on those without conditional constraints: write
    ``UniqueConstraint(fields=["slug", "alive"], name="unique_slug")``.
    """

    date_added = models.DateTimeField(auto_now_add=True, help_text="When the row was made.")
    date_updated = models.DateTimeField(auto_now=True, help_text="When it was last changed.")
    date_deleted = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When it was deleted; empty while alive."
    )
    alive = models.GeneratedField(
        expression=Case(
            When(date_deleted__isnull=True, then=Value(True, output_field=MarkerField())),
            default=None,
        ),
        output_field=MarkerField(null=True),
        db_persist=True,
        help_text="True, or empty once the row is deleted.",
    )

    objects = AliveManager()  # type: ignore[misc]
    all_objects = AllManager()

    class Meta:
        abstract = True

    @alters_data
    def delete(
        self, using: str | None = None, keep_parents: bool = False
    ) -> tuple[int, dict[str, int]]:
        """Mark the row as deleted, and the timestamped rows that cascade from it.

        :param using: the database.
        :param keep_parents: not looked at: a marked row keeps everything.
        :returns: how many rows were marked, and how many of each model; nothing for a row that is
            deleted already.
        :raises django.db.models.ProtectedError: when a row that is alive protects one of them.
        :raises django.db.models.RestrictedError: likewise, for ``RESTRICT``.
        """
        using = using or router.db_for_write(type(self), instance=self)
        with transaction.atomic(using=using):
            fresh = type(self).all_objects.using(using).select_for_update().filter(pk=self.pk)
            deleted = fresh.values_list("date_deleted", flat=True).first()
            if deleted is not None or not fresh.exists():
                return 0, {}
            rows, now = list(list_cascade(self, using)), timezone.now()
            counts: dict[str, int] = {}
            for row in rows:
                row._mark(using, now)
                counts[row._meta.label] = counts.get(row._meta.label, 0) + 1
        return sum(counts.values()), counts

    @alters_data
    def restore(self, using: str | None = None) -> int:
        """Bring the row back, and what was deleted together with it.

        :param using: the database.
        :returns: how many rows came back; 0 for a row that is alive.
        :raises CannotRestore: when a unique value was given to another row in the meantime, or
            when a row that this one belongs to is deleted still.
        """
        using = using or router.db_for_write(type(self), instance=self)
        self.refresh_from_db(using=using, fields=["date_deleted"])
        moment = self.date_deleted
        if moment is None:
            return 0
        if (parent := find_deleted_parent(self, using)) is not None:
            raise CannotRestore(f"{self} belongs to {parent}, which is deleted. Restore that.")
        rows = [self, *list_deleted(self, using, moment)]
        try:
            with transaction.atomic(using=using):
                for row in rows:
                    row._mark(using, None)
        except IntegrityError as error:
            for row in rows:
                row.date_deleted = moment
            raise CannotRestore(
                f"{self} cannot come back, since one of its unique values belongs to another row "
                f"by now. Change that, or this, first. ({error})"
            ) from error
        return len(rows)

    @alters_data
    def hard_delete(self, using: str | None = None) -> tuple[int, dict[str, int]]:
        """Remove the row itself; its history stays in the archive.

        :param using: the database.
        :returns: how many rows were removed, and how many of each model.
        """
        return super().delete(using=using)

    def _mark(self, using: str, moment: datetime | None) -> None:
        self.date_deleted = moment
        self.save(using=using, update_fields=["date_deleted", "date_updated"])

    def _action(self) -> str:
        loaded = self._loaded.get("date_deleted")
        return DELETE if self.date_deleted is not None and loaded is None else UPDATE
