"""Health answers without secrets: 200, or 503 when a part is down."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from rest_framework.test import APIClient

from apps.core import health


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
    assert response.json() == {"status": "down", "parts": {"database": "down"}}


@pytest.mark.django_db
def test_session_of_the_admin_site_counts_too(make_user: Callable[..., Any]) -> None:
    client = Client()
    client.force_login(make_user(is_staff=True))
    assert client.get("/health/ready").json()["parts"] == {"database": "up"}


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
def test_health_is_not_redirected_to_https(client: APIClient, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^health/"]
    assert client.get("/health/ready").status_code == 200
    assert client.get("/api/v1/tasks/").status_code == 301
