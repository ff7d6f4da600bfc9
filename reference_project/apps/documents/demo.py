"""Gives the demo user two documents to look at."""

from typing import Any

from django.core.files.base import ContentFile

from apps.accounts.demo import demo_seeded
from apps.documents.models import Document
from apps.documents.services import store_document
from apps.documents.tasks import process_document

DOCUMENTS = {
    "Plan": "Sow in spring, water in summer, harvest in autumn.\n",
    "Shopping list": "seeds\na spade\n",
}


def add_documents(user: Any, **_: Any) -> None:
    """Add those that the user has not.

    :param user: the demo user.
    """
    present = set(Document.objects.filter(owner=user).values_list("title", flat=True))
    for title, text in DOCUMENTS.items():
        if title not in present:
            file = ContentFile(text.encode(), f"{title}.txt")
            # Called here and now: no worker need be there, and nothing is logged between the lines.
            process_document(store_document(user, title, file, "text/plain").pk)


def connect() -> None:
    """Connect this to the signal; a second call changes nothing."""
    demo_seeded.connect(add_documents, dispatch_uid="apps.documents.demo")
