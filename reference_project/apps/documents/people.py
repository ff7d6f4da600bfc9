"""What this app keeps of people: handed out with their data, removed with their account."""

from collections.abc import Iterable
from typing import Any

from apps.accounts.personal import register_personal_data
from apps.core.models import forget_history
from apps.documents.models import Document
from apps.documents.serializers import DocumentSerializer


def register() -> None:
    """Have documents exported, and removed with the account of their owner."""
    register_personal_data("documents", collect_documents, erase_documents)


def collect_documents(user: Any) -> Iterable[dict[str, Any]]:
    """Collect somebody's documents, those marked as deleted too; not the files themselves.

    :param user: whose they are.
    :returns: the documents, the latest first.
    """
    for document in Document.all_objects.filter(owner=user):
        data = DocumentSerializer(document).data
        yield {**data, "date_deleted": document.date_deleted}


def erase_documents(user: Any) -> None:
    """Remove somebody's documents, their files and their history.

    :param user: whose they are.
    """
    documents = Document.all_objects.filter(owner=user)
    keys = list(documents.values_list("pk", flat=True))
    documents.hard_delete()
    forget_history(Document, keys)
