"""A body that is too large is refused before a byte of it is kept."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpResponse
from django.test import AsyncClient, Client, RequestFactory
from rest_framework.parsers import FileUploadParser, JSONParser, MultiPartParser
from rest_framework.views import APIView

from apps.core.bodies import SMALL, BodyLimitMiddleware


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of what is written to the folder of temporary files."""
    lengths: list[int] = []
    keep = TemporaryFileUploadHandler.receive_data_chunk

    def note(self: Any, raw: bytes, start: int) -> Any:
        lengths.append(len(raw))
        return keep(self, raw, start)

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", note)
    return lengths


def judge(view: Any, **meta: Any) -> int | None:
    """Have the middleware judge a request to a view; the status of its refusal."""
    request = RequestFactory().post("/api/x/", **meta)
    middleware = BodyLimitMiddleware(lambda _: HttpResponse())
    refusal = middleware.process_view(request, view, (), {})
    return refusal and refusal.status_code


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/admin/login/", "/api/v1/accounts/token/", "/api/schema/"])
def test_stranger_cannot_fill_the_disk(path: str, kept: list[int]) -> None:
    client = Client(enforce_csrf_checks=True)
    file = SimpleUploadedFile("x.bin", b"\0" * 4_000_000)
    response = client.post(path, {"file": file})
    assert response.status_code == 413
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "payload_too_large"
    # It is an answer like any other.
    assert response["X-Request-ID"] and response["Content-Security-Policy"]
    assert kept == []


async def ask_async(path: str) -> Any:
    """Send a large form as a server of ASGI hands it on."""
    file = SimpleUploadedFile("x.bin", b"\0" * 4_000_000)
    return await AsyncClient().post(path, {"file": file})


@pytest.mark.django_db(transaction=True)
def test_same_holds_under_asgi(kept: list[int]) -> None:
    from asgiref.sync import async_to_sync

    assert async_to_sync(ask_async)("/admin/login/").status_code == 413
    assert kept == []


@pytest.mark.parametrize("parser", [MultiPartParser, FileUploadParser])
def test_only_a_view_of_files_reads_more(settings: Any, parser: Any) -> None:
    settings.DOCUMENT_MAX_BYTES = 5_000_000
    files = type("Files", (APIView,), {"parser_classes": (JSONParser, parser)}).as_view()
    texts = type("Texts", (APIView,), {"parser_classes": (JSONParser,)}).as_view()
    assert judge(files, CONTENT_LENGTH=str(SMALL + 5_000_000)) is None
    assert judge(files, CONTENT_LENGTH=str(SMALL + 5_000_001)) == 413
    assert judge(texts, CONTENT_LENGTH=str(SMALL)) is None
    assert judge(texts, CONTENT_LENGTH=str(SMALL + 1)) == 413


def test_project_without_files_of_its_own_has_one_limit(settings: Any) -> None:
    del settings.DOCUMENT_MAX_BYTES
    files = type("Files", (APIView,), {"parser_classes": (MultiPartParser,)}).as_view()
    assert judge(files, CONTENT_LENGTH=str(SMALL)) is None
    assert judge(files, CONTENT_LENGTH=str(SMALL + 1)) == 413


def test_body_of_unknown_length_is_refused() -> None:
    assert judge(print, CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked") == 411
    assert judge(print, CONTENT_LENGTH="") is None
    # Django itself reads nothing then.
    assert judge(print, CONTENT_LENGTH="many") is None
