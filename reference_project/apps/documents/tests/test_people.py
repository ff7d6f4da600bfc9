"""Documents go along with their owner's data, and with the account."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import CustomUser
from apps.accounts.personal import delete_account, export_personal_data
from apps.core.models import HistoryArchive, full_history
from apps.documents.models import Document
from apps.documents.services import add_document
from apps.documents.tests.factories import DocumentFactory

MakeUser = Callable[..., CustomUser]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    """A folder of its own for each test's files."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def test_export_holds_documents_deleted_ones_too(make_user: MakeUser) -> None:
    user = make_user()
    DocumentFactory(title="Hers")
    DocumentFactory(owner=user, title="Plan")
    DocumentFactory(owner=user, title="Draft").delete()
    exported = export_personal_data(user)["documents"]
    assert {row["title"]: bool(row["date_deleted"]) for row in exported} == {
        "Plan": False,
        "Draft": True,
    }


def test_queries_of_the_export_do_not_grow(make_user: MakeUser) -> None:
    user = make_user()
    counts = set()
    for rows in (1, 5):
        DocumentFactory.create_batch(rows, owner=user)
        with CaptureQueriesContext(connection) as queries:
            export_personal_data(user)
        counts.add(len(queries))
    assert len(counts) == 1


@pytest.mark.django_db(transaction=True)
def test_deletion_removes_documents_their_files_and_their_history(
    make_user: MakeUser, media: Path
) -> None:
    user, other = make_user(), make_user("eve@example.org")
    document, deleted, kept = (
        add_document(owner, "Plan", ContentFile(b"text", "plan.txt"), "text/plain")
        for owner in (user, user, other)
    )
    deleted.delete()
    delete_account(user)
    assert Document.all_objects.get() == kept
    assert full_history(Document, document.pk) == full_history(Document, deleted.pk) == []
    assert not HistoryArchive.objects.exists()
    assert [path.name for path in media.rglob("*.txt")] == [Path(kept.file.name).name]
