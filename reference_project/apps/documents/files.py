"""Removes the file of a document that is removed; a document that is only marked keeps it."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete

from apps.documents.models import Document


def remove_file(instance: Document, using: str, **_: Any) -> None:
    """Remove the file once the document's removal is committed.

    :param instance: the document.
    :param using: the database.
    """
    if instance.file:
        storage, name = instance.file.storage, instance.file.name
        transaction.on_commit(lambda: storage.delete(name or ""), using=using, robust=True)


def connect() -> None:
    """Connect this to the signal; a second call changes nothing."""
    post_delete.connect(remove_file, sender=Document, dispatch_uid="apps.documents.files")
