"""Documents are uploaded, looked into, processed, kept from others, and handed out."""

import hashlib
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.accounts.models import CustomUser
from apps.core.models import Task, full_history
from apps.documents.contents import NotAllowed, find_type, is_text
from apps.documents.models import Document
from apps.documents.tasks import process_document
from apps.documents.tests.factories import DocumentFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/documents/"
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
Upload = Callable[..., Any]


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    """A folder of its own for each test's files."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def owner(make_user: Callable[..., Any], log_in: Callable[..., Any]) -> APIClient:
    """A client of somebody with an account."""
    return log_in(make_user())


@pytest.fixture
def upload(owner: APIClient, django_capture_on_commit_callbacks: Any) -> Upload:
    """Upload a file, and have the transaction committed."""

    def upload(content: bytes = PDF, name: str = "plan.pdf", title: str = "Plan") -> Any:
        file = SimpleUploadedFile(name, content, content_type="application/x-lie")
        with django_capture_on_commit_callbacks(execute=True):
            return owner.post(URL, {"title": title, "file": file}, format="multipart")

    return upload


@pytest.mark.smoke
def test_upload_is_stored_and_processed(upload: Upload, owner: APIClient, media: Path) -> None:
    response = upload(name="../../etc/plan.pdf.exe")
    assert response.status_code == 201
    document = Document.objects.get()
    shown = owner.get(f"{URL}{document.pk}/").json()
    assert shown["checksum"] == hashlib.sha256(PDF).hexdigest()
    assert (shown["size"], shown["content_type"]) == (len(PDF), "application/pdf")
    assert shown["original_name"] == "plan.pdf.exe"
    assert not Task.objects.exists()
    (stored,) = [path for path in media.rglob("*") if path.is_file()]
    assert stored.suffix == ".pdf" and "plan" not in stored.name
    assert stored.read_bytes() == PDF


def test_processing_is_tracked_by_a_task(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_document, "apply_async", lambda *_, **__: None)
    upload()
    task = Task.objects.get()
    assert (task.name, task.task_ingestor) == ("documents.process_document", "documents")
    assert not Document.objects.get().is_processed
    assert process_document(Document.objects.get().pk) == "processed"
    assert process_document(0) == "nothing to process"


def test_download_gives_back_what_was_uploaded(upload: Upload, owner: APIClient) -> None:
    pk = upload(name='a "b"; c.pdf').json()["id"]
    response = owner.get(f"{URL}{pk}/download/")
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="a_b_c.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"


def test_file_in_another_store_is_fetched_by_a_link_that_expires(
    upload: Upload, owner: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    pk = upload().json()["id"]
    storage = Document._meta.get_field("file").storage
    monkeypatch.setattr(storage, "querystring_auth", True, raising=False)
    monkeypatch.setattr(storage, "url", lambda name: f"https://files.example.org/{name}?signed")
    response = owner.get(f"{URL}{pk}/download/")
    assert response.status_code == 302
    assert response["Location"].endswith("?signed")


def test_document_without_a_file_has_nothing_to_download(owner: APIClient, make_user: Any) -> None:
    document = Document.objects.create(title="Plan", owner=make_user("eve@example.org"))
    Document.objects.update(owner=owner.handler._force_user.pk)
    assert owner.get(f"{URL}{document.pk}/download/").status_code == 404
    Document.objects.update(file="documents/gone.pdf")
    assert owner.get(f"{URL}{document.pk}/download/").status_code == 404


def test_documents_of_others_are_not_there(
    upload: Upload, make_user: Callable[..., Any], log_in: Callable[..., APIClient]
) -> None:
    pk = upload().json()["id"]
    stranger = log_in(make_user("eve@example.org"))
    assert stranger.get(URL).json()["count"] == 0
    for path in ("", "download/", "history/"):
        assert stranger.get(f"{URL}{pk}/{path}").status_code == 404
    assert stranger.patch(f"{URL}{pk}/", {"title": "Mine"}).status_code == 404
    assert stranger.delete(f"{URL}{pk}/").status_code == 404
    stranger.force_authenticate(None)
    assert stranger.get(URL).status_code == 401


def test_only_the_title_can_be_changed(upload: Upload, owner: APIClient) -> None:
    pk = upload().json()["id"]
    change = {"title": "Map", "checksum": "0", "owner": 7, "content_type": "text/html"}
    assert owner.patch(f"{URL}{pk}/", change).json()["title"] == "Map"
    document = Document.objects.get()
    assert document.content_type == "application/pdf" and document.checksum != "0"
    assert owner.put(f"{URL}{pk}/", {"title": "Map"}).status_code == 405


def test_history_tells_who_changed_what(upload: Upload, owner: APIClient, settings: Any) -> None:
    pk = upload().json()["id"]
    owner.patch(f"{URL}{pk}/", {"title": "Map"})
    page = owner.get(f"{URL}{pk}/history/").json()
    assert page["count"] == 3
    created, processed, renamed = page["results"]
    assert created["action"] == "create" and "file" not in created["changes"]
    assert processed["changes"]["size"] == {"old": None, "new": len(PDF)}
    assert renamed["changes"] == {"title": {"old": "Plan", "new": "Map"}}


def test_deleted_document_is_gone_but_kept(upload: Upload, owner: APIClient, media: Path) -> None:
    pk = upload().json()["id"]
    assert owner.delete(f"{URL}{pk}/").status_code == 204
    assert owner.get(f"{URL}{pk}/").status_code == 404
    assert owner.get(URL).json()["count"] == 0
    assert Document.all_objects.get().file.storage.exists(Document.all_objects.get().file.name)


def test_removed_document_takes_its_file_along(
    upload: Upload, django_capture_on_commit_callbacks: Any
) -> None:
    upload()
    document = Document.objects.get()
    storage, name, pk = document.file.storage, document.file.name, document.pk
    with django_capture_on_commit_callbacks(execute=True):
        document.hard_delete()
    assert not storage.exists(name)
    assert [entry["action"] for entry in full_history(Document, pk)][-1] == "delete"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\x7fELF" + bytes(60), "The content is "),
        (b"PK\x03\x04" + bytes(60), "These types are allowed: application/pdf"),
        (bytes(range(128, 255)), "The content is of no known type."),
    ],
)
def test_what_is_not_allowed_is_refused(upload: Upload, content: bytes, sentence: str) -> None:
    response = upload(content, name="plan.pdf")
    assert response.status_code == 400
    assert sentence in response.json()["errors"]["file"][0]
    assert not Document.objects.exists()


def test_large_file_is_refused(upload: Upload, settings: Any) -> None:
    settings.DOCUMENT_MAX_BYTES = 10
    assert "at most 10 are allowed" in upload().json()["errors"]["file"][0]


def test_content_decides_not_the_name() -> None:
    assert find_type(ContentFile(PNG, name="page.html")) == "image/png"
    assert find_type(ContentFile(b"<script>alert(1)</script>", name="a.png")) == "text/plain"
    with pytest.raises(NotAllowed):
        find_type(ContentFile(b"a\x00b", name="a.txt"))
    assert is_text("Grüße".encode()[:-2])
    assert not is_text(b"abc\xff\xfe" + b"x" * 20)


def test_number_of_queries_does_not_grow(upload: Upload, owner: APIClient) -> None:
    def strip(sql: str) -> str:
        return sql.replace('"', "").replace("`", "")

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            page = owner.get(URL).json()
        assert not any("document.history" in strip(query["sql"]) for query in queries)
        assert page["count"] == Document.objects.count()
        return len(queries)

    upload()
    few = count()
    for number in range(5):
        upload(title=f"Plan {number}")
    assert count() == few


@pytest.mark.django_db(transaction=True)
def test_demo_has_documents_once(media: Path, settings: Any) -> None:
    settings.DEBUG = True
    for _ in range(2):
        call_command("seed_demo", stdout=StringIO())
    documents = Document.objects.filter(owner__email="demo@example.com")
    assert sorted(document.title for document in documents) == ["Plan", "Shopping list"]
    assert all(document.is_processed for document in documents)


def test_factory_makes_what_the_api_shows(owner: APIClient, media: Path) -> None:
    DocumentFactory()
    document = DocumentFactory(owner=CustomUser.objects.get(email="ada@example.org"))
    (shown,) = owner.get(URL).json()["results"]
    assert (shown["id"], shown["title"]) == (document.pk, document.title)
