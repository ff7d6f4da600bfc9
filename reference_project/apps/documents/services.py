"""What the API does with documents."""

from typing import Any

from django.core.files import File
from django.db import transaction

from apps.core.outbox import queue_task
from apps.documents.contents import ENDINGS
from apps.documents.models import Document
from apps.documents.tasks import process_document


@transaction.atomic
def add_document(owner: Any, title: str, file: File, content_type: str) -> Document:
    """Store a file as a document, and have it processed.

    :param owner: whom it belongs to.
    :param title: what it is called.
    :param file: the file, which was looked into.
    :param content_type: what was found in it.
    :returns: the document.
    """
    document = store_document(owner, title, file, content_type)
    queue_task(process_document, document.pk, ingestor="documents")
    return document


def store_document(owner: Any, title: str, file: File, content_type: str) -> Document:
    """Store a file as a document; nothing is found out about it.

    :param owner: whom it belongs to.
    :param title: what it is called.
    :param file: the file, which was looked into.
    :param content_type: what was found in it.
    :returns: the document.
    """
    document = Document(owner=owner, title=title, content_type=content_type)
    document.original_name = (file.name or "")[:255]
    document.file.save(f"file.{ENDINGS.get(content_type, 'bin')}", file, save=False)
    document.save()
    return document
