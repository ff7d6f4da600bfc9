"""Removes the file of a document that is removed; a document that is only marked keeps it."""

from typing import Any

from django.db.models.signals import post_delete

from apps.core.outbox import queue_task
from apps.documents.models import Document
from apps.documents.tasks import remove_file


def queue_removal(instance: Document, **_: Any) -> None:
    """Have the file removed once the document's removal is committed.

    A task does it, so that the file goes too when its store is away just then.

    :param instance: the document.
    """
    if instance.file:
        queue_task(remove_file, instance.file.name, ingestor="documents")


def connect() -> None:
    """Connect this to the signal; a second call changes nothing."""
    post_delete.connect(queue_removal, sender=Document, dispatch_uid="apps.documents.files")
