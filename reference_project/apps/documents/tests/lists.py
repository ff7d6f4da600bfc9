"""What the API lists of this app, and how to have more of it: see tests/test_lists.py."""

from typing import Any

from apps.documents.models import Document


def add_documents(user: Any, number: int) -> None:
    """Add documents.

    :param user: whose they are.
    :param number: how many.
    """
    for _ in range(number):
        Document.objects.create(owner=user, title="Plan")


def add_changes(user: Any, number: int) -> None:
    """Add changes of one document, which has the key 1.

    :param user: whose it is.
    :param number: how many.
    """
    document, _ = Document.objects.get_or_create(pk=1, defaults={"owner": user, "title": "Plan"})
    for _ in range(number):
        document.title += "."
        document.save()


LISTS = {
    "/api/v1/documents/": add_documents,
    "/api/v1/documents/1/history/": add_changes,
}
