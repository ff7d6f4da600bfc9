"""Visits are recorded of who is logged in and does not object; nothing secret is among them."""

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import MiddlewareNotUsed
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.utils.functional import SimpleLazyObject
from rest_framework.test import APIClient

from apps.accounts.models import CustomUser, UserVisitHistory
from apps.accounts.visits import is_visit, record_visits, shorten_referer, unrecorded, wants_visits

pytestmark = pytest.mark.django_db
ME = "/api/v1/accounts/me/"
VISITS = "/api/v1/accounts/me/visits/"


@pytest.fixture
def ada(make_user: Callable[..., CustomUser]) -> CustomUser:
    """Somebody with an account."""
    return make_user(is_staff=True, is_superuser=True)


@pytest.fixture
def api(ada: CustomUser, log_in: Callable[[CustomUser], APIClient]) -> APIClient:
    """Her client."""
    return log_in(ada)


def test_visit_is_recorded_without_its_query(api: APIClient, ada: CustomUser) -> None:
    api.get(
        f"{ME}?token=secret",
        HTTP_REFERER="http://testserver/admin/?q=secret",
        HTTP_USER_AGENT="curl/8.5.0",
    )
    (visit,) = ada.uservisithistory_set.all()
    assert (visit.url, visit.referer, visit.user_agent) == (
        ME,
        "http://testserver/admin/",
        "curl/8.5.0",
    )


def test_visit_costs_one_statement(api: APIClient, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3) as queries:  # the request's savepoint, the visit
        api.get(ME)
    assert queries.captured_queries[-1]["sql"].startswith("INSERT")


def test_session_is_a_visitor_too_and_no_session_costs_nothing(
    ada: CustomUser, django_assert_num_queries: Any
) -> None:
    site = Client()
    site.force_login(ada)
    site.get("/admin/")
    assert ada.uservisithistory_set.get().url == "/admin/"
    with django_assert_num_queries(2):  # the request's savepoint
        Client().get("/api/docs/")


@pytest.mark.parametrize(
    ("path", "headers"),
    [(ME, {"HTTP_SEC_GPC": "1"}), ("/api/v1/none/", {}), ("/api/v1/tasks/1/", {})],
)
def test_objection_and_refusal_are_no_visits(
    api: APIClient, path: str, headers: dict[str, str]
) -> None:
    api.get(path, **headers)
    assert not UserVisitHistory.objects.exists()


def test_user_switches_it_off(api: APIClient, ada: CustomUser) -> None:
    assert api.patch(ME, {"record_visits": False}).json()["record_visits"] is False
    api.get(ME)
    ada.refresh_from_db()
    assert not ada.record_visits
    assert not UserVisitHistory.objects.exists()


def test_operator_switches_it_off(settings: Any) -> None:
    settings.RECORD_VISITS = False
    with pytest.raises(MiddlewareNotUsed):
        record_visits(lambda request: HttpResponse())


def test_marked_view_is_not_recorded() -> None:
    from rest_framework.views import APIView

    @unrecorded
    class Diagnosis(APIView):
        pass

    assert not wants_visits(Diagnosis.as_view())
    assert not wants_visits(unrecorded(lambda request: HttpResponse()))
    assert wants_visits(APIView.as_view())


def test_answer_is_given_though_the_visit_is_lost(
    api: APIClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(UserVisitHistory, "save", fail)
    assert api.get(ME).status_code == 200
    assert "a visit was not recorded" in caplog.text


def test_answer_is_given_though_the_visitor_cannot_be_found(
    rf: Any, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def answer(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    def fail() -> None:
        raise DatabaseError("the server is away")

    request = rf.get("/notes/")
    request.COOKIES[settings.SESSION_COOKIE_NAME] = "a session"
    request.user, request.resolver_match = SimpleLazyObject(fail), type("M", (), {"func": answer})()
    assert is_visit(request, HttpResponse())
    assert record_visits(answer)(request).status_code == 200
    assert "a visit was not recorded" in caplog.text


def test_asgi_records_too(ada: CustomUser, rf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    saved: list[str] = []

    async def save(self: UserVisitHistory, **_: object) -> None:
        saved.append(self.url)

    monkeypatch.setattr(UserVisitHistory, "asave", save)

    async def answer(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    request = rf.get("/notes/")
    request.user, request.resolver_match = ada, type("Match", (), {"func": answer})()

    async def auser() -> CustomUser:
        return ada

    request.auser = auser
    assert is_visit(request, HttpResponse())
    async_to_sync(record_visits(answer))(request)
    assert saved == ["/notes/"]


def test_everybody_sees_their_own_visits(
    api: APIClient, ada: CustomUser, make_user: Callable[..., CustomUser]
) -> None:
    eve = make_user("eve@example.org")
    for user, number in ((ada, 1), (eve, 2), (ada, 3)):
        UserVisitHistory.objects.create(user=user, url=f"/{number}/")
    page = api.get(VISITS).json()
    assert [visit["url"] for visit in page["results"]] == ["/3/", "/1/"]
    api.force_authenticate(None)
    assert api.get(VISITS).status_code == 401


@pytest.mark.parametrize(
    ("referer", "kept"),
    [
        ("", ""),
        ("javascript:alert(1)", ""),
        ("http://[", ""),
        ("https://ada:secret@testserver/a?b#c", "https://testserver/a"),
        ("https://other.example/a/b?c", "https://other.example/"),
        ("https://testserver/" + "a" * 900, ("https://testserver/" + "a" * 900)[:500]),
    ],
)
def test_referer_says_no_more_than_it_must(referer: str, kept: str) -> None:
    assert shorten_referer(referer, "testserver") == kept
