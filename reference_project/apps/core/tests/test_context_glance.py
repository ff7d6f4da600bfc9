"""A record of the logs says who acts where that is known, and never asks the database for it."""

import asyncio
import logging
from typing import Any

import pytest
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory, Client, RequestFactory
from django.utils.functional import SimpleLazyObject

from apps.core.context import (
    Context,
    glance_at_context,
    read_context,
    request_context,
)
from apps.core.logs import ContextFilter


@pytest.fixture
def logged() -> Any:
    """Every record of every logger, down to DEBUG, with its context."""
    records: list[logging.LogRecord] = []
    handler, root = logging.Handler(logging.DEBUG), logging.getLogger()
    handler.emit = records.append  # type: ignore[method-assign,assignment]
    handler.addFilter(ContextFilter())
    root.addHandler(handler)
    yield records
    root.removeHandler(handler)


@pytest.fixture
def admin(make_user: Any) -> Client:
    """A client with a session of the admin site, which answers errors."""
    client = Client(raise_request_exception=False)
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


@pytest.mark.django_db
def test_error_is_logged_and_answered_while_the_database_is_away(
    admin: Client, monkeypatch: pytest.MonkeyPatch, logged: list[logging.LogRecord]
) -> None:
    def refuse(*_: Any) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr(SessionStore, "_get_session_from_db", refuse)
    assert admin.get("/admin/").status_code == 500
    (record,) = [one for one in logged if one.name == "django.request"]
    assert "the database is away" in str(record.exc_info)
    assert record.user_id is None and record.request_id  # type: ignore[attr-defined]
    assert read_context() == Context()


@pytest.mark.django_db
def test_statements_that_find_out_who_acts_are_logged_without_asking_again(
    admin: Client, logged: list[logging.LogRecord], settings: Any
) -> None:
    settings.DEBUG = True
    logger = logging.getLogger("django.db.backends")
    level = logger.level
    logger.setLevel(logging.DEBUG)
    try:
        assert admin.get("/admin/").status_code == 200
    finally:
        logger.setLevel(level)
    users = [one.user_id for one in logged if one.name == logger.name]  # type: ignore[attr-defined]
    assert users[0] is None and users[-1] is not None


@pytest.mark.django_db
@pytest.mark.parametrize("asked", [True, False])
def test_user_is_told_once_somebody_has_asked(make_user: Any, asked: bool) -> None:
    user, seen = make_user(), []

    def answer(request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(lambda: user)  # type: ignore[assignment]
        assert not asked or request.user.pk
        seen.append(glance_at_context().user_id)
        seen.append(read_context().user_id)
        return HttpResponse()

    request_context(answer)(RequestFactory().get("/"))
    assert seen == [user.pk if asked else None, user.pk]


def test_user_that_was_asked_for_asynchronously_is_told() -> None:
    class Found:
        pk = 7

    async def answer(request: HttpRequest) -> HttpResponse:
        request.session = {}  # type: ignore[assignment]
        AuthenticationMiddleware(lambda _: HttpResponse()).process_request(request)
        request._acached_user = Found()  # type: ignore[attr-defined]
        return HttpResponse(str(glance_at_context().user_id))

    assert asyncio.run(request_context(answer)(AsyncRequestFactory().get("/"))).content == b"7"


def test_request_is_over_also_when_nothing_answers_its_error() -> None:
    def fail(request: HttpRequest) -> HttpResponse:
        raise ZeroDivisionError

    async def fail_async(request: HttpRequest) -> HttpResponse:
        raise ZeroDivisionError

    async def ask() -> Context:
        with pytest.raises(ZeroDivisionError):
            await request_context(fail_async)(AsyncRequestFactory().get("/"))
        return read_context()

    with pytest.raises(ZeroDivisionError):
        request_context(fail)(RequestFactory().get("/"))
    assert read_context() == asyncio.run(ask()) == Context()
