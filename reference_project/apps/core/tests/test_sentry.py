"""Sentry is told what failed, and nothing that says to whom."""

import gzip
import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from apps.core.sentry import scrub, scrub_breadcrumb
from cookiecutter.settings.environment import BASE_DIR
from tests.inherited import inherit

# A request while the broker does not answer: the failure is logged with its traceback.
CODE = """
from io import BytesIO
from cookiecutter.wsgi import application
import sentry_sdk

sentry_sdk.set_user({"id": 7, "email": "ada@example.org"})
answered = []
environ = {
    "REQUEST_METHOD": "GET",
    "PATH_INFO": "/health/ready",
    "QUERY_STRING": "code=s3cret&email=ada@example.org",
    "SERVER_NAME": "localhost",
    "SERVER_PORT": "80",
    "REMOTE_ADDR": "192.0.2.7",
    "HTTP_AUTHORIZATION": "Bearer s3cret",
    "HTTP_COOKIE": "sessionid=s3cret",
    "HTTP_X_FORWARDED_FOR": "192.0.2.7",
    "wsgi.input": BytesIO(),
    "wsgi.url_scheme": "http",
}
list(application(environ, lambda status, headers: answered.append(status)))
assert answered == ["503 Service Unavailable"], answered
sentry_sdk.flush()
"""


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server that plays Sentry: its address, and the events it was sent."""
    events: list[dict[str, Any]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            _header, *items = body.splitlines()
            for kind, item in zip(items[::2], items[1::2], strict=False):
                if json.loads(kind)["type"] == "event":
                    events.append(json.loads(item))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://key@127.0.0.1:{server.server_port}/1", events
    server.shutdown()
    thread.join()
    server.server_close()


def test_failure_is_reported_without_personal_data(
    receiver: tuple[str, list[dict[str, Any]]],
) -> None:
    dsn, events = receiver
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=BASE_DIR,
        env={
            **inherit(),
            "DJANGO_SETTINGS_MODULE": "cookiecutter.settings.development",
            "DATABASE_URL": "sqlite://:memory:",
            "CELERY_BROKER_URL": "redis://:s3cret@127.0.0.1:1/0",
            "SENTRY_DSN": dsn,
            "SENTRY_ENVIRONMENT": "staging",
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    event = events[-1]
    assert event["environment"] == "staging"
    assert event["logentry"]["message"] == "not ready: %s"
    assert event["request"]["method"] == "GET"
    assert event["request"]["url"].endswith("/health/ready")
    assert event["user"] == {"id": 7}
    text = json.dumps(events)
    for secret in ("s3cret", "ada@", "192.0.2.7", "sessionid"):
        assert secret not in text
    frames = [
        frame for value in event["exception"]["values"] for frame in value["stacktrace"]["frames"]
    ]
    assert frames
    assert not any("vars" in frame for frame in frames)


def test_only_harmless_headers_are_reported() -> None:
    headers = {"Host": "a.example", "Cookie": "a=b", "Authorization": "c", "X-Real-Ip": "192.0.2.7"}
    request = {"method": "POST", "url": "https://a.example/", "data": {"email": "a@b.example"}}
    event = scrub({"request": {**request, "headers": headers, "cookies": {"a": "b"}}}, {})
    assert event["request"] == {
        "method": "POST",
        "url": "https://a.example/",
        "headers": {"Host": "a.example"},
    }


def test_anonymous_user_stays_anonymous() -> None:
    assert scrub({"user": {"ip_address": "192.0.2.7"}}, {}) == {"user": {}}


def test_breadcrumb_keeps_its_message_and_no_data() -> None:
    crumb = {"category": "query", "message": "for ada@example.org", "data": {"params": ["x"]}}
    assert scrub_breadcrumb(crumb, {}) == {"category": "query", "message": "for [e-mail address]"}
