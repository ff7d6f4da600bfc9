"""Renaming a document changes its title, whatever happens to the document meanwhile."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.documents.models import Document
from apps.documents.tasks import process_document
from apps.documents.tests.factories import DocumentFactory
from apps.documents.views.documents import DocumentDetailView

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    """A folder of its own for each test's files."""
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def rename(log_in: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Rename a document, to which something happens once the view has loaded it."""

    def rename(document: Document, meanwhile: Callable[[], object], **change: str) -> Any:
        load = DocumentDetailView.get_object

        def load_and_wait(view: Any) -> Any:
            loaded = load(view)
            meanwhile()
            return loaded

        monkeypatch.setattr(DocumentDetailView, "get_object", load_and_wait)
        client: APIClient = log_in(document.owner)
        return client.patch(f"/api/v1/documents/{document.pk}/", change)

    return rename


def test_what_was_found_out_meanwhile_stays(rename: Any) -> None:
    document = DocumentFactory(title="Plan")
    before = document.date_updated
    answer = rename(document, lambda: process_document(document.pk), title="Map")
    assert (answer.status_code, answer.json()["title"]) == (200, "Map")
    document = Document.objects.get()
    assert (document.title, document.size, document.is_processed) == ("Map", 4, True)
    assert document.date_updated > before
    assert document.history[-1]["changes"] == {"title": {"old": "Plan", "new": "Map"}}


@pytest.mark.parametrize("removal", ["delete", "hard_delete"])
def test_document_that_is_deleted_meanwhile_stays_so(rename: Any, removal: str) -> None:
    document = DocumentFactory(title="Plan")
    fresh = Document.objects.get()
    assert rename(document, getattr(fresh, removal), title="Map").status_code == 404
    # The error took the deletion back, too, which here was a part of the same transaction.
    assert Document.all_objects.get().title == "Plan"


def test_nothing_is_recorded_when_nothing_was_sent(rename: Any) -> None:
    document = DocumentFactory()
    assert rename(document, lambda: None).status_code == 200
    assert [entry["action"] for entry in Document.objects.get().history] == ["create"]
