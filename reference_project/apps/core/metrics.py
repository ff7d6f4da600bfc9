"""Counts requests and tasks for Prometheus; imported only where ``PROMETHEUS`` is on."""

import ipaddress
import os
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from celery import signals
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

if settings.METRICS.folder:
    # The client looks here, and only while it is imported.
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", settings.METRICS.folder)

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
    start_http_server,
)

PATH = "/metrics"
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
# A request with one of these came through a proxy, so its address is not the visitor's.
PROXY_HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")

REQUESTS = Counter("http_requests_total", "Requests answered.", ["method", "view", "status"])
REQUEST_SECONDS = Histogram(
    "http_request_seconds", "How long answers took to begin.", ["method", "view"]
)
TASKS_SENT = Counter("celery_tasks_sent_total", "Tasks handed to the broker.", ["task"])
TASKS = Counter("celery_tasks_total", "Runs of tasks that ended.", ["task", "state"])
TASK_SECONDS = Histogram("celery_task_seconds", "How long tasks ran.", ["task"])

_started: dict[str, float] = {}


def write_metrics() -> bytes:
    """Write what was counted, by all processes that share a folder, or else by this one.

    :returns: the text that Prometheus reads.
    """
    return bytes(generate_latest(_choose_registry()))


def _choose_registry() -> CollectorRegistry:
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client import REGISTRY

        return REGISTRY
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    return registry


def may_read(request: HttpRequest) -> bool:
    """Say whether somebody may read the metrics.

    :param request: the request.
    :returns: whether it carries the token, or comes from a configured network by no proxy.
    """
    metrics = settings.METRICS
    token = request.META.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
    if metrics.token and secrets.compare_digest(token.encode(), metrics.token.encode()):
        return True
    if any(request.META.get(name) for name in PROXY_HEADERS):
        return False
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(network) for network in metrics.networks)


class MetricsMiddleware:
    """Counts and times every request, by view and status, and answers ``/metrics`` itself.

    It stands first: a scraper names the process by its address, which ``ALLOWED_HOSTS`` does not
    list, and speaks plain HTTP, which would be redirected.

    :param get_response: what answers the other requests.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer a request.

        :param request: the request.
        :returns: its answer; 404 to whoever may not read the metrics.
        """
        if self.is_async:
            return self.answer(request)
        if request.path_info == PATH:
            return answer_metrics(request)
        started = time.perf_counter()
        response: HttpResponseBase = self.get_response(request)
        count_request(request, response, time.perf_counter() - started)
        return response

    async def answer(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request under ASGI.

        :param request: the request.
        :returns: its answer.
        """
        if request.path_info == PATH:
            return answer_metrics(request)
        started = time.perf_counter()
        response: HttpResponseBase = await self.get_response(request)
        count_request(request, response, time.perf_counter() - started)
        return response


def answer_metrics(request: HttpRequest) -> HttpResponse:
    """Answer with the metrics.

    :param request: the request.
    :returns: the metrics; 404 to whoever may not read them, as if there were none.
    """
    if not may_read(request):
        return HttpResponse(status=404)
    return HttpResponse(write_metrics(), content_type=CONTENT_TYPE_LATEST)


def count_request(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    """Count a request.

    :param request: the request.
    :param response: its answer.
    :param seconds: how long that took.
    """
    # Names of views and methods are few; whatever else a visitor can invent is counted together.
    method = request.method if request.method in METHODS else "other"
    view = request.resolver_match.view_name if request.resolver_match else "none"
    REQUESTS.labels(method, view, response.status_code).inc()
    REQUEST_SECONDS.labels(method, view).observe(seconds)


def count_sent(sender: str = "", **_signal: Any) -> None:
    """Count a task that was handed to the broker.

    :param sender: the task's name.
    """
    TASKS_SENT.labels(sender).inc()


def note_start(task_id: str = "", **_signal: Any) -> None:
    """Note when a task started.

    :param task_id: which one.
    """
    _started[task_id] = time.perf_counter()


def count_task(task_id: str = "", task: Any = None, state: str = "", **_signal: Any) -> None:
    """Count a task that ended, or that will be tried again.

    :param task_id: which one.
    :param task: the task.
    :param state: how it ended: ``SUCCESS``, ``FAILURE`` or ``RETRY``.
    """
    TASKS.labels(task.name, state or "unknown").inc()
    if (started := _started.pop(task_id, None)) is not None:
        TASK_SECONDS.labels(task.name).observe(time.perf_counter() - started)


def serve_worker(**_signal: Any) -> None:
    """Serve the metrics of a Celery worker, where an address for that is configured."""
    if address := settings.METRICS.worker_address:
        host, _, port = address.rpartition(":")
        start_http_server(int(port), host or "127.0.0.1", registry=_choose_registry())


def connect_celery() -> None:
    """Listen to the signals of Celery."""
    signals.after_task_publish.connect(count_sent)
    signals.task_prerun.connect(note_start)
    signals.task_postrun.connect(count_task)
    signals.worker_ready.connect(serve_worker)
