"""The production settings, as a server and manage.py start with them, in processes of their own."""

import json
import os
import sys
from typing import Any

import pytest

import manage
from tests.programs import SAFE, run_python

PRODUCTION = "--settings=cookiecutter.settings.production"

# What a server holds once it has started.
STATE = """
import json
import sys
import celery
import cookiecutter.{entry}
from django.conf import settings

state = {{name: getattr(settings, name, None) for name in {names}}}
state["celery"] = celery.current_app.main
state["imported"] = sorted({{"sentry_sdk", "prometheus_client"}} & set(sys.modules))
print(json.dumps(state, default=str))
"""
NAMES = (
    "SETTINGS_MODULE",
    "DATABASES",
    "LOGGING",
    "MIDDLEWARE",
    "SECURE_PROXY_SSL_HEADER",
    "STORAGES",
)
# Each entry point, and what its process is told beside SAFE: only the second is behind a proxy.
SERVERS = {"wsgi": {}, "asgi": {"BEHIND_TLS_PROXY": "true"}}

# Imports both entry points without any setting, and says why each refuses.
REFUSED = """
import importlib
import os
from django.core.exceptions import ImproperlyConfigured

for entry in ("wsgi", "asgi"):
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    try:
        importlib.import_module(f"cookiecutter.{entry}")
    except ImproperlyConfigured as error:
        print(entry, error)
"""


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """The name of an entry point, and what its settings are."""
    code = STATE.format(entry=request.param, names=NAMES)
    variables = {**SAFE, **SERVERS[request.param], "DATABASE_URL": "postgres://u:p@db:5432/n"}
    done = run_python("-c", code, **variables)
    assert done.returncode == 0, done.stderr
    return request.param, json.loads(done.stdout)


def test_server_starts_with_the_production_settings(server: tuple[str, dict[str, Any]]) -> None:
    _entry, state = server
    assert state["SETTINGS_MODULE"] == "cookiecutter.settings.production"
    assert state["celery"] == "cookiecutter"


def test_server_refuses_to_start_without_settings() -> None:
    said = run_python("-c", REFUSED).stdout
    for entry in SERVERS:
        assert f"{entry} The production settings refuse to start:\n- SECRET_KEY is not set." in said
    assert "Make one with: python -c" in said


def test_connections_are_kept_where_they_are_met_again(server: tuple[str, dict[str, Any]]) -> None:
    entry, state = server
    database = state["DATABASES"]["default"]
    assert database["CONN_MAX_AGE"] == {"wsgi": 60, "asgi": 0}[entry]
    assert database["CONN_HEALTH_CHECKS"] is True


def test_proxy_header_is_believed_only_on_request(server: tuple[str, dict[str, Any]]) -> None:
    entry, state = server
    believed = {"wsgi": None, "asgi": ["HTTP_X_FORWARDED_PROTO", "https"]}
    assert state["SECURE_PROXY_SSL_HEADER"] == believed[entry]


def test_nothing_is_imported_that_is_switched_off(server: tuple[str, dict[str, Any]]) -> None:
    _entry, state = server
    assert state["imported"] == []


def test_production_differs_where_it_must(server: tuple[str, dict[str, Any]]) -> None:
    _entry, state = server
    assert state["LOGGING"]["handlers"]["console"]["formatter"] == "json"
    names = state["MIDDLEWARE"]
    security = names.index("django.middleware.security.SecurityMiddleware")
    assert names[security + 1] == "whitenoise.middleware.WhiteNoiseMiddleware"
    assert state["STORAGES"]["staticfiles"]["BACKEND"] == (
        "whitenoise.storage.CompressedManifestStaticFilesStorage"
    )


def test_commands_start_with_the_development_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE")
    monkeypatch.setattr("django.core.management.execute_from_command_line", started.append)
    manage.main()
    assert os.environ["DJANGO_SETTINGS_MODULE"] == "cookiecutter.settings.development"
    assert started == [sys.argv]


def test_production_passes_every_deployment_check() -> None:
    done = run_python(
        "manage.py", "check", "--deploy", "--fail-level", "WARNING", PRODUCTION, **SAFE
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_production_refuses_to_start_open() -> None:
    opened = {"DEBUG": "true", "ALLOWED_HOSTS": "*", "CSRF_TRUSTED_ORIGINS": "https://*"}
    result = run_python("-c", "import cookiecutter.settings.production", **{**SAFE, **opened})
    assert result.returncode != 0
    for sentence in ("DEBUG is on", "answers to any name", "CSRF_TRUSTED_ORIGINS holds *"):
        assert sentence in result.stderr
    assert result.stderr.count("\n- ") == 3
