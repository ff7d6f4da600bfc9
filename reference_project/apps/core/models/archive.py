"""The history archive: entries that no longer fit into their row, or whose row is gone."""

from typing import Any

from django.db import models, router, transaction

from apps.core.history import HISTORY_LIMIT, HistoryLength

# A database takes only so many values in one statement.
BATCH = 1000


class HistoryArchive(models.Model):
    """A run of history entries of one row, moved here in order.

    A row keeps its latest entries, at most
    :data:`~apps.core.history.HISTORY_LIMIT`; :func:`full_history` puts both together again.
    """

    model = models.CharField(max_length=200, help_text="The model, like documents.document.")
    object_pk = models.CharField(max_length=255, help_text="The row's primary key.")
    entries = models.JSONField(help_text="The entries, oldest first.")
    archived_at = models.DateTimeField(auto_now_add=True, help_text="When they were moved.")

    class Meta:
        verbose_name_plural = "history archives"
        ordering = ("id",)
        indexes = (models.Index(fields=["model", "object_pk", "id"], name="core_archive_object"),)

    def __str__(self) -> str:
        return f"{self.model} {self.object_pk}: {len(self.entries)} entries"


def full_history(model: type[models.Model], pk: Any, using: str | None = None) -> list[dict]:
    """Read everything that was ever recorded of a row, also of one that is gone.

    :param model: a model that inherits from
        :class:`~apps.core.models.TrackableModel`.
    :param pk: the row's primary key.
    :param using: the database; by default the one that the router names for reading.
    :returns: the entries, oldest first; an empty list when nothing is known of such a row.

    .. testcode::

        from apps.core.models import full_history
        from apps.documents.models import Document

        document = Document.objects.create(title="Plan")
        pk = document.pk
        document.hard_delete()
        print([entry["action"] for entry in full_history(Document, pk)])

    .. testoutput::

        ['create', 'delete']
    """
    using = using or router.db_for_read(model)
    # In one transaction, so that no entries can move from the one to the other in between.
    with transaction.atomic(using=using):
        row = _lock(model, pk, using)
        archived = HistoryArchive.objects.using(using).filter(
            model=model._meta.label_lower, object_pk=str(pk)
        )
        entries = [entry for run in archived.values_list("entries", flat=True) for entry in run]
        return entries + (row or [])


def move_history(model: type[models.Model], pk: Any, using: str, *, least: int = 1) -> bool:
    """Move a row's entries into the archive.

    :param model: the row's model.
    :param pk: its primary key.
    :param using: the database.
    :param least: move them only if there are so many; another writer may have been faster.
    :returns: whether there is such a row.
    """
    with transaction.atomic(using=using, savepoint=False):
        entries = _lock(model, pk, using)
        if entries is None:
            return False
        if len(entries) >= least:
            archive_entries(model, pk, using, entries)
            rows: models.QuerySet[Any] = models.QuerySet(model, using=using).filter(pk=pk)
            rows.update(history=[])
        return True


def archive_entries(model: type[models.Model], pk: Any, using: str, entries: list[dict]) -> None:
    """Write entries into the archive.

    :param model: the row's model.
    :param pk: its primary key.
    :param using: the database.
    :param entries: the entries, oldest first.
    """
    HistoryArchive.objects.using(using).create(
        model=model._meta.label_lower, object_pk=str(pk), entries=entries
    )


def forget_history(model: type[models.Model], keys: list[Any], using: str | None = None) -> None:
    """Remove what the archive holds of some rows: for people who may want to be forgotten.

    :param model: the rows' model.
    :param keys: their primary keys.
    :param using: the database; by default the one that the router names for writing.

    .. testcode::

        from apps.core.models import forget_history, full_history
        from apps.documents.models import Document

        document = Document.objects.create(title="Plan")
        pk = document.pk
        document.hard_delete()
        forget_history(Document, [pk])
        print(full_history(Document, pk))

    .. testoutput::

        []
    """
    archive = HistoryArchive.objects.using(using or router.db_for_write(HistoryArchive))
    of_model = archive.filter(model=model._meta.label_lower)
    for start in range(0, len(keys), BATCH):
        of_model.filter(object_pk__in=map(str, keys[start : start + BATCH])).delete()


def find_full(rows: models.QuerySet) -> models.QuerySet:
    """Narrow rows down to those whose history has no room left.

    :param rows: rows of a tracked model.
    :returns: those that hold the limit or more.
    """
    return rows.alias(history_length=HistoryLength("history")).filter(
        history_length__gte=HISTORY_LIMIT
    )


def _lock(model: type[models.Model], pk: Any, using: str) -> list[dict] | None:
    rows: models.QuerySet[Any] = models.QuerySet(model, using=using)
    rows = rows.select_for_update().filter(pk=pk).order_by()
    return rows.values_list("history", flat=True).first()
