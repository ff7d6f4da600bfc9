"""Health answers without secrets: 200, or 503 when a part is down."""

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory, Client
from rest_framework.test import APIClient

from apps.core import health
from apps.core.probes import any_host


@pytest.fixture
def broken_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that does not answer."""

    def ask() -> None:
        raise OperationalError("secret host is down")

    monkeypatch.setattr(health, "ask_database", ask)


def test_live_asks_no_server(client: APIClient) -> None:
    # Without the database mark, any query would fail this test.
    response = client.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "up"})


@pytest.mark.django_db
def test_ready_when_all_answer(client: APIClient) -> None:
    response = client.get("/health/ready")
    assert (response.status_code, response.json()) == (200, {"status": "up"})
    assert "no-store" in response["Cache-Control"]
    assert client.post("/health/ready").status_code == 405


@pytest.mark.django_db
@pytest.mark.usefixtures("broken_database")
def test_strangers_do_not_learn_which_part_is_down(client: APIClient) -> None:
    response = client.get("/health/ready", headers={"authorization": "Bearer nonsense"})
    assert (response.status_code, response.json()) == (503, {"status": "down"})


@pytest.mark.django_db
@pytest.mark.usefixtures("broken_database")
def test_staff_learns_which_part_is_down(make_user: Callable[..., Any]) -> None:
    make_user(is_staff=True)
    client = APIClient()
    login = {"email": "ada@example.org", "password": "correct horse battery"}
    token = client.post("/api/v1/accounts/token/", login).json()["access"]
    response = client.get("/health/ready", headers={"authorization": f"Bearer {token}"})
    assert response.json() == {
        "status": "down",
        "parts": {"database": "down", "migrations": "up", "cache": "up", "storage": "up"},
    }


@pytest.mark.django_db
def test_session_of_the_admin_site_counts_too(make_user: Callable[..., Any]) -> None:
    client = Client()
    client.force_login(make_user(is_staff=True))
    assert client.get("/health/ready").json()["parts"] == {
        "database": "up",
        "migrations": "up",
        "cache": "up",
        "storage": "up",
    }


@pytest.mark.django_db
def test_broker_is_asked_when_there_is_one(
    client: APIClient, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CELERY_TASK_ALWAYS_EAGER = False
    assert client.get("/health/ready").status_code == 200  # the one in memory

    def refuse() -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(health, "ask_broker", refuse)
    assert client.get("/health/ready").status_code == 503


@pytest.mark.django_db
def test_cache_that_is_away_is_not_ready_and_soon_told(client: APIClient, settings: Any) -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen(5)
        port = mute.getsockname()[1]
        options = {"socket_connect_timeout": 0.1, "socket_timeout": 0.1}
        backend = "django.core.cache.backends.redis.RedisCache"
        address = f"redis://127.0.0.1:{port}/0"
        settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": address, "OPTIONS": options}}
        begun = time.monotonic()
        assert client.get("/health/ready").status_code == 503
    # Once, not again and again: whoever asks waits five seconds.
    assert time.monotonic() - begun < 2


@pytest.mark.django_db
def test_health_is_not_redirected_to_https(client: APIClient, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^health/"]
    assert client.get("/health/ready").status_code == 200
    assert client.get("/api/v1/tasks/").status_code == 301


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health_is_told_under_any_name(client: APIClient, settings: Any, path: str) -> None:
    settings.ALLOWED_HOSTS = [".example.com"]
    assert client.get(path, headers={"host": "10.0.0.7:8000"}).status_code == 200
    assert client.get(path, headers={"host": "not a host"}).status_code == 200
    assert client.get("/api/schema/", headers={"host": "10.0.0.7:8000"}).status_code == 400


def test_health_is_told_under_asgi_too(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["a.example.com"]

    async def answer(request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.get_host())

    request = AsyncRequestFactory().get("/health/live", headers={"host": "10.0.0.7"})
    assert async_to_sync(any_host(answer))(request).content == b"a.example.com"


@pytest.mark.django_db
def test_missing_migration_is_not_ready(
    client: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    health.ask_migrations.cache_clear()
    MigrationRecorder(connection).record_unapplied("tracked", "0001_initial")
    try:
        assert client.get("/health/ready").status_code == 503
        assert "1 migrations were not applied, the first is tracked.0001_initial" in caplog.text
        MigrationRecorder(connection).record_applied("tracked", "0001_initial")
        assert client.get("/health/ready").status_code == 200
    finally:
        health.ask_migrations.cache_clear()


@pytest.mark.django_db
def test_folder_that_cannot_be_written_to_is_not_ready(
    client: APIClient, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "deep" / "media"
    asked: list[str] = []

    def access(path: Any, mode: int) -> bool:
        asked.append(str(path))
        return False

    monkeypatch.setattr("os.access", access)
    assert client.get("/health/ready").status_code == 503
    assert asked == [str(tmp_path)]


@pytest.mark.django_db
def test_storage_of_others_is_asked_too(
    client: APIClient, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = "django.core.files.storage.InMemoryStorage"
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": backend}}
    assert client.get("/health/ready").status_code == 200

    def refuse(self: Any, name: str) -> bool:
        raise ConnectionRefusedError

    monkeypatch.setattr(f"{backend}.exists", refuse)
    assert client.get("/health/ready").status_code == 503
