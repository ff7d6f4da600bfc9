"""The settings refuse what is unsafe, read what the environment says, and document it."""

import re
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django import VERSION
from django.core.checks import run_checks

from cookiecutter.settings import database, environment, mail
from cookiecutter.settings.environment import BASE_DIR
from cookiecutter.settings.monitoring import read_sentry
from cookiecutter.settings.safety import find_unsafe_settings, is_default_database
from cookiecutter.settings.servers import require_certificate
from tests.programs import KEY, SAFE, read_documented, run_python


def test_another_file_is_read_where_one_is_named(tmp_path: Path) -> None:
    code = (
        "from cookiecutter.settings.environment import config; print(config('LOG_LEVEL', 'none'))"
    )
    own = tmp_path / "own.env"
    own.write_text("LOG_LEVEL=DEBUG\n")
    for file, value in ((str(own), "DEBUG"), ("/dev/null", "none")):
        # An empty variable would win over the file's.
        script = f"import os; os.environ.pop('LOG_LEVEL', None)\n{code}"
        assert run_python("-c", script, ENV_FILE=file).stdout.strip() == value


@pytest.mark.parametrize(
    ("url", "checked"),
    [("rediss://redis.example.com/0", True), ("redis://redis.example.com/0", False), (None, False)],
)
def test_certificates_of_brokers_are_checked(url: str | None, checked: bool) -> None:
    found = require_certificate(url)
    assert found == ({"ssl_cert_reqs": ssl.CERT_REQUIRED} if checked else None)
    # What Celery makes of it.
    if checked:
        app = Celery(broker=url, backend=url)
        app.conf.update(broker_use_ssl=found, redis_backend_use_ssl=found)
        assert app.backend.connparams["ssl_cert_reqs"] == ssl.CERT_REQUIRED
        assert app.connection().ssl == found


def test_nobody_runs_on_a_database_that_nobody_chose() -> None:
    assert is_default_database({"NAME": BASE_DIR / "db.sqlite3"})
    assert not is_default_database({"NAME": "shop"})
    (sentence,) = find_unsafe_settings(KEY, ["a.example.com"], default_database=True)
    assert "DATABASE_URL is not set" in sentence


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"SECRET_KEY": ""}, "is not set"),
        ({"SECRET_KEY": "short"}, "easy to guess"),
        ({"SECRET_KEY": "a" * 64}, "easy to guess"),
        ({"SECRET_KEY": "insecure-" + KEY}, "everyone knows"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is not set"),
        ({"ALLOWED_HOSTS": "*"}, "answers to any name"),
        ({"ALLOWED_HOSTS": "a.example.com,*"}, "answers to any name"),
    ],
)
def test_each_unsafe_value_is_named(changed: dict[str, str], sentence: str) -> None:
    values = {**SAFE, **changed}
    hosts = [host for host in values["ALLOWED_HOSTS"].split(",") if host]
    found = find_unsafe_settings(values["SECRET_KEY"], hosts)
    assert len(found) == 1
    assert sentence in found[0]


@pytest.mark.parametrize(
    ("opened", "sentence"),
    [
        ({"debug": True}, "DEBUG is on"),
        ({"origins": ["https://*"]}, "CSRF_TRUSTED_ORIGINS holds *"),
    ],
)
def test_each_open_door_is_named(opened: dict[str, Any], sentence: str) -> None:
    (found,) = find_unsafe_settings(KEY, ["a.example.com"], **opened)
    assert sentence in found


@pytest.mark.parametrize(
    ("url", "engine"),
    [
        ("postgres://u:p@db:5432/n", "django.db.backends.postgresql"),
        ("mysql://u:p@db:3306/n", "django.db.backends.mysql"),
        ("mariadb://u:p@db:3306/n", "django.db.backends.mysql"),
        ("sqlite:///n", "django.db.backends.sqlite3"),
    ],
)
def test_each_vendor_gets_its_options(url: str, engine: str) -> None:
    entry = database.read_database(url)
    assert entry["ENGINE"] == engine
    assert entry["ATOMIC_REQUESTS"] is True
    assert entry["OPTIONS"] == database.VENDOR_OPTIONS.get(engine, {})


def test_relative_sqlite_file_lies_beside_manage_py() -> None:
    assert database.read_database("sqlite:///a.sqlite3")["NAME"] == str(BASE_DIR / "a.sqlite3")
    assert database.read_database("sqlite:////a.sqlite3")["NAME"] == "/a.sqlite3"
    assert database.read_database("sqlite://:memory:")["NAME"] == ":memory:"


@pytest.mark.parametrize("host", ["", "smtp.example.com"])
def test_mails_go_to_the_server_that_is_named(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("EMAIL_HOST", host)
    monkeypatch.setenv("EMAIL_HOST_USER", "ada")
    found = mail.read_mail_settings()
    if "MAILERS" in found:
        mailer = found["MAILERS"]["default"]
        backend, options = mailer["BACKEND"], mailer.get("OPTIONS", {})
        server = (options.get("host", ""), options.get("username", "ada"))
    else:
        backend, server = found["EMAIL_BACKEND"], (found["EMAIL_HOST"], found["EMAIL_HOST_USER"])
    kind = "smtp" if host else "console"
    assert backend == f"django.core.mail.backends.{kind}.EmailBackend"
    assert server == (host, "ada")


@pytest.mark.parametrize("host", ["", "smtp.example.com"])
def test_deployment_without_a_mail_server_is_reported(
    monkeypatch: pytest.MonkeyPatch, settings: Any, host: str
) -> None:
    monkeypatch.setenv("EMAIL_HOST", host)
    for name, value in mail.read_mail_settings().items():
        setattr(settings, name, value)
    found = {message.id for message in run_checks(include_deployment_checks=True)}
    assert (("core.W002" if VERSION < (6, 1) else "mail.E001") in found) is (host == "")


def test_unknown_scheme_is_refused() -> None:
    with pytest.raises(ValueError, match="Scheme 'oops://' is unknown"):
        database.read_database("oops://db/n")


def test_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_VARIABLE", "")
    assert environment.read_text("SOME_VARIABLE", "x") == "x"
    assert environment.read_int("SOME_VARIABLE", 3) == 3
    assert environment.read_bool("SOME_VARIABLE", True) is True
    assert environment.read_list("SOME_VARIABLE") == []


def test_number_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_VARIABLE", "many")
    with pytest.raises(ValueError, match="SOME_VARIABLE must be a whole number, not 'many'"):
        environment.read_int("SOME_VARIABLE", 3)


@pytest.mark.parametrize(
    ("read", "default", "sentence"),
    [
        (environment.read_bool, False, "SOME_VARIABLE must be true or false, not 'many'"),
        (environment.read_float, 0.5, "SOME_VARIABLE must be a number, not 'many'"),
    ],
)
def test_value_of_another_type_is_named(
    monkeypatch: pytest.MonkeyPatch, read: Callable[..., object], default: object, sentence: str
) -> None:
    monkeypatch.setenv("SOME_VARIABLE", "many")
    with pytest.raises(ValueError, match=sentence):
        read("SOME_VARIABLE", default)
    monkeypatch.setenv("SOME_VARIABLE", "")
    assert read("SOME_VARIABLE", default) == default


@pytest.mark.parametrize("rate", ["-0.1", "1.5"])
def test_share_of_traces_lies_between_none_and_all(
    monkeypatch: pytest.MonkeyPatch, rate: str
) -> None:
    monkeypatch.setenv("SENTRY_TRACES_SAMPLE_RATE", rate)
    with pytest.raises(ValueError, match="between 0 and 1"):
        read_sentry()


def test_every_variable_is_documented_and_read() -> None:
    sources = "".join(path.read_text() for path in (BASE_DIR / "cookiecutter").rglob("*.py"))
    read = set(re.findall(r'read_(?:text|bool|int|float|list)\(\s*"([A-Z][A-Z0-9_]*)"', sources))
    assert read == read_documented()
