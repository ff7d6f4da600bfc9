"""Requests and tasks are counted, and only those who may read it are told."""

import asyncio
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from celery import shared_task
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from apps.core import metrics
from cookiecutter.settings.monitoring import Metrics, read_metrics

Read = Callable[[str], float]


@pytest.fixture
def read() -> Read:
    """Read a value that Prometheus would read; 0 when there is none."""

    def read(sample: str) -> float:
        found = re.search(rf"^{re.escape(sample)} (\S+)$", metrics.write_metrics().decode(), re.M)
        return float(found.group(1)) if found else 0.0

    return read


@pytest.fixture(autouse=True)
def _enabled(settings: Any) -> None:
    settings.METRICS = Metrics(
        enabled=True,
        token="t0ken",
        networks=("127.0.0.0/8", "::1/128", "10.0.0.0/8"),
        worker_address="",
        folder="",
    )


def answer(status: int = 200, view: str = "") -> Callable[[HttpRequest], HttpResponse]:
    """Make a view that answers with this status, and was found by this name."""

    def answer(request: HttpRequest) -> HttpResponse:
        if view:
            request.resolver_match = SimpleNamespace(view_name=view)  # type: ignore[assignment]
        return HttpResponse(status=status)

    return answer


def test_request_is_counted_and_timed_by_view_and_status(read: Read) -> None:
    middleware = metrics.MetricsMiddleware(answer(201, "shop:order"))
    for _ in range(2):
        middleware(RequestFactory().post("/orders/5/"))
    assert read('http_requests_total{method="POST",status="201",view="shop:order"}') == 2
    assert read('http_request_seconds_count{method="POST",view="shop:order"}') == 2


def test_what_visitors_invent_makes_no_new_series(read: Read) -> None:
    middleware = metrics.MetricsMiddleware(answer(404))
    sample = 'http_requests_total{method="other",status="404",view="none"}'
    before = read(sample)
    for number in range(3):
        middleware(RequestFactory().generic(f"INVENTED{number}", f"/invented/{number}/"))
    assert read(sample) == before + 3
    assert b"invented" not in metrics.write_metrics().lower()


def test_request_under_asgi_is_counted(read: Read) -> None:
    async def get_response(request: HttpRequest) -> HttpResponse:
        return answer(200, "asynchronous")(request)

    middleware = metrics.MetricsMiddleware(get_response)
    assert asyncio.run(_await(middleware(RequestFactory().get("/")))).status_code == 200
    assert read('http_requests_total{method="GET",status="200",view="asynchronous"}') == 1
    told = asyncio.run(_await(middleware(RequestFactory().get("/metrics"))))
    assert b"http_requests_total" in told.content


async def _await(answer: Any) -> HttpResponse:
    return await answer


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "10.1.2.3"}, 200),
        ({"REMOTE_ADDR": "192.0.2.7"}, 404),
        ({"REMOTE_ADDR": ""}, 404),
        # A proxy on this machine passes on what strangers ask.
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 404),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=127.0.0.1"}, 404),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_REAL_IP": "127.0.0.1"}, 404),
        ({"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": "Bearer t0ken"}, 200),
        ({"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": "Bearer t0keN"}, 404),
        ({"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": "Bearer "}, 404),
        ({"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": "Bearer ü"}, 404),
    ],
)
def test_only_who_may_read_is_answered(headers: dict[str, str], status: int) -> None:
    middleware = metrics.MetricsMiddleware(answer(500))
    response = middleware(RequestFactory().get("/metrics", **headers))
    assert response.status_code == status
    assert (b"http_request" in response.content) is (status == 200)


def test_without_a_token_no_token_opens(settings: Any) -> None:
    settings.METRICS = Metrics(True, "", ("127.0.0.0/8",), "", "")
    for header in ("", "Bearer ", "Bearer x"):
        request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7", HTTP_AUTHORIZATION=header)
        assert not metrics.may_read(request)


def test_tasks_are_counted_by_how_they_ended(read: Read) -> None:
    @shared_task(name="tests.metrics.fail_or_not")
    def fail_or_not(fail: bool) -> None:
        if fail:
            raise ZeroDivisionError

    from celery import signals

    try:
        metrics.connect_celery()
        for fail in (False, True):
            fail_or_not.apply((fail,), throw=False)
    finally:
        signals.after_task_publish.disconnect(metrics.count_sent)
        signals.task_prerun.disconnect(metrics.note_start)
        signals.task_postrun.disconnect(metrics.count_task)
        signals.worker_ready.disconnect(metrics.serve_worker)
    for state in ("SUCCESS", "FAILURE"):
        assert read(f'celery_tasks_total{{state="{state}",task="tests.metrics.fail_or_not"}}') == 1
    assert read('celery_task_seconds_count{task="tests.metrics.fail_or_not"}') == 2
    assert not metrics._started


def test_task_handed_to_the_broker_is_counted(read: Read) -> None:
    metrics.count_sent(sender="tests.metrics.sent")
    assert read('celery_tasks_sent_total{task="tests.metrics.sent"}') == 1


def test_metrics_are_off_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PROMETHEUS", "METRICS_TOKEN", "METRICS_NETWORKS"):
        monkeypatch.setenv(name, "")
    found = read_metrics()
    assert not found.enabled
    assert found.networks == ("127.0.0.0/8", "::1/128")
    assert "t0ken" not in repr(Metrics(True, "t0ken", (), "", ""))
