"""Every error of the API has one format, rolls back, and gives nothing away."""

import logging
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404
from django.test import override_settings
from django.urls import include, path
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from apps.core.models import Task

RAISED: dict[str, tuple[Exception, int, str]] = {
    "http404": (Http404("secret row"), 404, "not_found"),
    "django-denied": (PermissionDenied("secret rule"), 403, "permission_denied"),
    "drf-denied": (exceptions.PermissionDenied(), 403, "permission_denied"),
    "suspicious": (SuspiciousOperation("secret"), 400, "parse_error"),
    "invalid": (exceptions.ValidationError({"name": ["Too long."]}), 400, "invalid"),
    "invalid-list": (exceptions.ValidationError(["Wrong."]), 400, "invalid"),
    "throttled": (exceptions.Throttled(wait=2.5), 429, "throttled"),
    "unexpected": (ZeroDivisionError("secret number"), 500, "error"),
}


class RaisingView(APIView):
    """Writes a task, then raises."""

    permission_classes = ()
    authentication_classes = ()

    def get(self, request: Request, name: str) -> Response:
        """Raise the exception of this name."""
        Task.objects.create(name="written", task_ingestor="before the error")
        raise RAISED[name][0]


urlpatterns = [
    path("api/raise/<slug:name>/", RaisingView.as_view()),
    path("", include("cookiecutter.urls")),
]
own_urls = override_settings(ROOT_URLCONF=__name__)


def check_problem(response: Any, status: int) -> dict[str, Any]:
    """Check the format, and return the members."""
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert problem["detail"]
    return problem


@pytest.mark.smoke
@pytest.mark.django_db
@pytest.mark.parametrize("name", RAISED)
@own_urls
def test_every_exception_becomes_a_problem_and_rolls_back(client: APIClient, name: str) -> None:
    exc, status, code = RAISED[name]
    response = client.get(f"/api/raise/{name}/")
    assert check_problem(response, status)["code"] == code
    assert "secret" not in response.content.decode()
    assert type(exc).__name__ not in response.content.decode()
    assert not Task.objects.exists()


@pytest.mark.django_db(transaction=True)
@own_urls
def test_roll_back_is_real(client: APIClient) -> None:
    client.get("/api/raise/unexpected/")
    client.get("/api/raise/http404/")
    assert not Task.objects.exists()


@pytest.mark.django_db
@own_urls
def test_refused_values_are_listed_by_field(client: APIClient) -> None:
    assert client.get("/api/raise/invalid/").json()["errors"] == {"name": ["Too long."]}
    assert client.get("/api/raise/invalid-list/").json()["errors"] == {
        "non_field_errors": ["Wrong."]
    }


@pytest.mark.django_db
@own_urls
def test_throttled_answer_says_when_to_come_back(client: APIClient) -> None:
    assert client.get("/api/raise/throttled/")["Retry-After"] == "3"


@pytest.mark.django_db
@own_urls
def test_unexpected_error_is_logged_once_and_signalled(
    client: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    seen = []

    def receive(sender: object, request: Any, **_: Any) -> None:
        seen.append((sender, request.path))

    got_request_exception.connect(receive)
    try:
        client.get("/api/raise/unexpected/")
    finally:
        got_request_exception.disconnect(receive)
    assert seen == [(RaisingView, "/api/raise/unexpected/")]
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.exc_info
    assert record.exc_info[0] is ZeroDivisionError
    assert record.getMessage() == "Internal Server Error: /api/raise/unexpected/"


@pytest.mark.django_db
@pytest.mark.parametrize("debug", [True, False])
def test_unknown_path_is_a_problem_with_and_without_debug(
    client: APIClient, settings: Any, debug: bool
) -> None:
    settings.DEBUG = debug
    check_problem(client.get("/api/v1/nothing/"), 404)
    check_problem(client.post("/api/"), 404)
    problem = check_problem(client.post("/api/v1/accounts/register"), 404)
    assert problem["detail"].endswith("Did you mean /api/v1/accounts/register/ ?")


@pytest.mark.django_db
def test_other_paths_keep_pages(client: APIClient) -> None:
    response = client.get("/nothing/")
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.django_db
def test_requests_that_no_view_understands(client: APIClient) -> None:
    check_problem(client.put("/api/v1/accounts/register/", {}), 405)
    url = "/api/v1/accounts/token/"
    check_problem(client.post(url, "{oops", content_type="application/json"), 400)
    check_problem(client.post(url, "[1]", content_type="application/json"), 400)
    check_problem(client.post(url, "a=b", content_type="text/plain"), 415)
    check_problem(client.post(url, {}, headers={"accept": "text/html"}), 406)


@pytest.mark.django_db
def test_large_body_is_refused(client: APIClient, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    check_problem(client.post("/api/v1/accounts/otp/", {"email": "a" * 20}), 413)


@pytest.mark.parametrize("name", ["400", "403", "404", "500"])
@pytest.mark.parametrize(
    ("start", "kind"),
    [("/api/x/", "application/problem+json"), ("/x/", "text/html; charset=utf-8")],
)
def test_handlers_of_the_project(rf: Any, name: str, start: str, kind: str) -> None:
    from django.urls import get_resolver

    arguments = () if name == "500" else (Exception("secret"),)
    response = get_resolver("cookiecutter.urls").resolve_error_handler(int(name))(
        rf.get(start), *arguments
    )
    assert response.status_code == int(name)
    assert response["Content-Type"].lower() == kind
    assert b"secret" not in response.content
