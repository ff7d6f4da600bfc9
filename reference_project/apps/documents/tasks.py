"""The Celery tasks of documents: what is found out about a file, and its removal."""

import hashlib
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from apps.core.outbox import outbox_task
from apps.documents.models import Document

# A folder or a bucket that is away; botocore's errors are none of the operating system's.
AWAY = (OSError, BotoCoreError, ClientError)


# These take about a quarter of an hour: as long as a store of files may be away.
ATTEMPTS = 12


@outbox_task(
    name="documents.process_document",
    retry_for=AWAY,
    fail_for=(FileNotFoundError,),
    max_attempts=ATTEMPTS,
)
def process_document(document_id: int) -> str:
    """Compute checksum and size of a document's file.

    :param document_id: the document.
    :returns: ``processed``; or ``nothing to process``, when it is gone by now.
    """
    document = Document.objects.filter(pk=document_id).first()
    if document is None or not document.file:
        return "nothing to process"
    digest, size = hashlib.sha256(), 0
    with document.file.open("rb") as file:
        for chunk in file.chunks():
            digest.update(chunk)
            size += len(chunk)
    document.checksum, document.size = digest.hexdigest(), size
    document.save(update_fields=["checksum", "size", "date_updated"])
    return "processed"


@outbox_task(name="documents.remove_file", retry_for=AWAY, max_attempts=ATTEMPTS)
def remove_file(name: str) -> str:
    """Remove the file of a document that is gone; one that is gone already is no error.

    :param name: the file's name in its store.
    :returns: ``removed``.
    """
    store: Any = Document._meta.get_field("file")
    store.storage.delete(name)
    return "removed"
