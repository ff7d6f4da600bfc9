"""The production settings, as a server and manage.py start with them, in processes of their own."""

import json
from typing import Any

import pytest
from django import VERSION

from tests.programs import SAFE, run_python

# What a server holds once it has started.
STATE = """
import json
import celery
import cookiecutter.{entry}
from django.conf import settings

state = {{name: getattr(settings, name) for name in {names}}}
print(json.dumps(state | {{"celery": celery.current_app.main}}, default=str))
"""
NAMES = ("SETTINGS_MODULE", "DATABASES", "LOGGING", "MIDDLEWARE", "STORAGES")
PRODUCTION = "--settings=cookiecutter.settings.production"
SERVERS = ("wsgi", "asgi")


def check(*options: str, **variables: str) -> tuple[int, str]:
    """Run Django's checks under the production settings; return their status, and what was said."""
    done = run_python("manage.py", "check", *options, PRODUCTION, **variables)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """The name of an entry point, and what its settings are."""
    code = STATE.format(entry=request.param, names=NAMES)
    done = run_python("-c", code, **SAFE, DATABASE_URL="postgres://u:p@db:5432/n")
    assert done.returncode == 0, done.stderr
    return request.param, json.loads(done.stdout)


def test_server_starts_with_the_production_settings(server: tuple[str, dict[str, Any]]) -> None:
    _entry, state = server
    assert state["SETTINGS_MODULE"] == "cookiecutter.settings.production"
    assert state["celery"] == "cookiecutter"


@pytest.mark.parametrize("entry", SERVERS)
def test_server_refuses_to_start_without_settings(entry: str) -> None:
    assert "refuse to start" in run_python("-c", f"import cookiecutter.{entry}").stderr


def test_connections_are_kept_where_they_are_met_again(server: tuple[str, dict[str, Any]]) -> None:
    entry, state = server
    database = state["DATABASES"]["default"]
    assert database["CONN_MAX_AGE"] == {"wsgi": 60, "asgi": 0}[entry]
    assert database["CONN_HEALTH_CHECKS"] is True


def test_production_differs_where_it_must(server: tuple[str, dict[str, Any]]) -> None:
    _entry, state = server
    assert state["LOGGING"]["handlers"]["console"]["formatter"] == "json"
    names = state["MIDDLEWARE"]
    security = names.index("django.middleware.security.SecurityMiddleware")
    assert names[security + 1] == "whitenoise.middleware.WhiteNoiseMiddleware"
    assert state["STORAGES"]["staticfiles"]["BACKEND"] == (
        "whitenoise.storage.CompressedManifestStaticFilesStorage"
    )


def test_commands_start_with_the_development_settings() -> None:
    code = "from django.conf import settings; print(settings.SETTINGS_MODULE)"
    started = run_python("manage.py", "shell", "-v0", "-c", code)
    assert started.stdout == "cookiecutter.settings.development\n"


def test_production_passes_every_deployment_check() -> None:
    status, said = check("--deploy", "--fail-level", "WARNING", **SAFE)
    assert status == 0, said
    assert "no issues" in said


def test_production_without_a_mail_server_is_reported() -> None:
    _status, said = check("--deploy", **SAFE | {"EMAIL_HOST": ""})
    assert ("core.W002" if VERSION < (6, 1) else "mail.E001") in said


def test_production_refuses_to_start_without_a_key() -> None:
    status, said = check(**{**SAFE, "SECRET_KEY": ""})
    assert status != 0
    assert "SECRET_KEY is not set. Make one with: python -c" in said


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"DEBUG": "true"}, "DEBUG is on"),
        ({"ALLOWED_HOSTS": "*"}, "answers to any name"),
        ({"CSRF_TRUSTED_ORIGINS": "https://*"}, "CSRF_TRUSTED_ORIGINS holds *"),
    ],
)
def test_production_refuses_to_start_open(changed: dict[str, str], sentence: str) -> None:
    result = run_python("-c", "import cookiecutter.settings.production", **{**SAFE, **changed})
    assert result.returncode != 0
    assert sentence in result.stderr
    assert result.stderr.count("\n- ") == 1


@pytest.mark.parametrize(
    ("variables", "header"),
    [({}, None), ({"BEHIND_TLS_PROXY": "true"}, ("HTTP_X_FORWARDED_PROTO", "https"))],
)
def test_proxy_header_is_believed_only_on_request(
    variables: dict[str, str], header: tuple[str, str] | None
) -> None:
    code = (
        "from cookiecutter.settings import production as s;"
        "print(getattr(s, 'SECURE_PROXY_SSL_HEADER', None))"
    )
    assert run_python("-c", code, **SAFE, **variables).stdout == f"{header}\n"
