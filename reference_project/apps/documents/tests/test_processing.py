"""Files are read and removed as soon as their store can be reached; a lost one is given up."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from apps.core.models import Task
from apps.core.sweeper import sweep_tasks
from apps.documents.models import Document
from apps.documents.services import add_document, store_document
from apps.documents.tasks import remove_file

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


def test_file_is_removed_once_its_store_is_back(
    make_user: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    document = store_document(make_user(), "plan", ContentFile(b"x", "a.txt"), "text/plain")
    name, store = document.file.name, document.file.storage

    def refuse(*_: Any) -> None:
        raise UNREACHABLE

    with monkeypatch.context() as away:
        away.setattr(FileSystemStorage, "delete", refuse)
        with django_capture_on_commit_callbacks(execute=True):
            document.hard_delete()
    task = Task.objects.get()
    assert (task.celery_name, task.status, task.attempts) == (remove_file.name, "pending", 1)
    assert store.exists(name)
    Task.objects.update(due_at=None, sent_at=timezone.now() - timedelta(hours=1))
    assert sweep_tasks()["sent"] == 1
    assert not Task.objects.exists()
    assert not store.exists(name)
