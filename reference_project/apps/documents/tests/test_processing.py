"""A document is processed as soon as its file can be read, and given up once it is lost."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from django.core.files.base import ContentFile
from django.db.models.fields.files import FieldFile

from apps.core.models import Task
from apps.documents.models import Document
from apps.documents.services import add_document

pytestmark = pytest.mark.django_db

SLOW_DOWN = ClientError({"Error": {"Code": "SlowDown", "Message": "Slow down."}}, "GetObject")
UNREACHABLE = EndpointConnectionError(endpoint_url="https://s3.example.com")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UNREACHABLE, "pending"),
        (SLOW_DOWN, "pending"),
        (OSError("the folder is not mounted"), "pending"),
        (FileNotFoundError("no such file"), "failed"),
    ],
)
def test_store_of_files_that_is_away_is_asked_again(
    make_user: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
    error: Exception,
    status: str,
) -> None:
    def refuse(*_: Any) -> None:
        raise error

    monkeypatch.setattr(FieldFile, "open", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        document = add_document(make_user(), "plan", ContentFile(b"x", "a.txt"), "text/plain")
    task = Task.objects.get()
    assert (task.status, task.attempts) == (status, 1)
    assert type(error).__name__ in task.error
    assert not Document.objects.get(pk=document.pk).checksum
