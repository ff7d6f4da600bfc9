"""The settings refuse what is unsafe, read what the environment says, and document it."""

import re
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from celery import Celery
from django import VERSION

from cookiecutter.settings import database, environment, mail
from cookiecutter.settings.environment import BASE_DIR
from cookiecutter.settings.monitoring import read_sentry
from cookiecutter.settings.safety import find_unsafe_settings, is_default_database
from cookiecutter.settings.servers import require_certificate
from tests.inherited import inherit

KEY = "k3y-0f-m4ny-ch4r4ct3rs-th4t-n0b0dy-w1ll-3v3r-gu3ss-1n-4ll-3t3rn1ty"
SAFE = {
    "SECRET_KEY": KEY,
    "ALLOWED_HOSTS": "www.example.com",
    "EMAIL_HOST": "smtp.example.com",
}


def read_documented() -> set[str]:
    """Read the names of all variables that .env.example describes."""
    text = (BASE_DIR / ".env.example").read_text()
    return set(re.findall(r"^#? ?([A-Z][A-Z0-9_]*)=", text, re.MULTILINE))


def run_python(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the project's folder, with these variables only."""
    return subprocess.run(  # noqa: S603
        [sys.executable, *arguments],
        cwd=BASE_DIR,
        env={
            **dict.fromkeys(read_documented(), ""),
            **inherit(),
            "DATABASE_URL": "sqlite://:memory:",
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py under the production settings, with these variables only."""
    settings = "--settings=cookiecutter.settings.production"
    return run_python("manage.py", *arguments, settings, **variables)


@pytest.mark.parametrize("entry", ["wsgi", "asgi"])
def test_server_starts_with_the_production_settings(entry: str) -> None:
    code = f"import cookiecutter.{entry}; from django.conf import settings as s; print(s.{{}})"
    assert "refuse to start" in run_python("-c", code.format("DEBUG")).stderr
    started = run_python("-c", code.format("SETTINGS_MODULE"), **SAFE)
    assert started.stdout == "cookiecutter.settings.production\n"
    code = "import celery, cookiecutter.wsgi; print(celery.current_app.main)"
    assert run_python("-c", code, **SAFE).stdout == "cookiecutter\n"


def test_commands_start_with_the_development_settings() -> None:
    code = "from django.conf import settings; print(settings.SETTINGS_MODULE)"
    started = run_python("manage.py", "shell", "-v0", "-c", code)
    assert started.stdout == "cookiecutter.settings.development\n"


def test_production_passes_every_deployment_check() -> None:
    result = manage("check", "--deploy", "--fail-level", "WARNING", **SAFE)
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


def test_production_without_a_mail_server_is_reported() -> None:
    done = manage("check", "--deploy", **SAFE | {"EMAIL_HOST": ""})
    assert ("core.W002" if VERSION < (6, 1) else "mail.E001") in done.stderr


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


def test_production_refuses_to_start_without_a_key() -> None:
    result = manage("check", **{**SAFE, "SECRET_KEY": ""})
    assert result.returncode != 0
    assert "SECRET_KEY is not set. Make one with: python -c" in result.stderr


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


def test_production_differs_where_it_must() -> None:
    code = (
        "from django.conf import settings as s; names = s.MIDDLEWARE;"
        "security = names.index('django.middleware.security.SecurityMiddleware');"
        "print(s.LOGGING['handlers']['console']['formatter']);"
        "print(names[security + 1], s.STORAGES['staticfiles']['BACKEND'])"
    )
    assert manage("shell", "-v0", "-c", code, **SAFE).stdout.splitlines() == [
        "json",
        "whitenoise.middleware.WhiteNoiseMiddleware "
        "whitenoise.storage.CompressedManifestStaticFilesStorage",
    ]


def test_nobody_runs_on_a_database_that_nobody_chose() -> None:
    assert is_default_database({"NAME": BASE_DIR / "db.sqlite3"})
    assert not is_default_database({"NAME": "shop"})
    (sentence,) = find_unsafe_settings(KEY, ["a.example.com"], default_database=True)
    assert "DATABASE_URL is not set" in sentence


@pytest.mark.parametrize(("entry", "seconds"), [("wsgi", "60"), ("asgi", "0")])
def test_connections_are_kept_where_they_are_met_again(entry: str, seconds: str) -> None:
    code = (
        f"import cookiecutter.{entry}; from django.conf import settings as s;"
        "d = s.DATABASES['default']; print(d['CONN_MAX_AGE'], d['CONN_HEALTH_CHECKS'])"
    )
    database = "postgres://u:p@db:5432/n"
    started = run_python("-c", code, **{**SAFE, "DATABASE_URL": database})
    assert started.stdout == f"{seconds} True\n"


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


def test_proxy_header_is_believed_only_on_request() -> None:
    code = "from django.conf import settings; print(settings.SECURE_PROXY_SSL_HEADER)"
    assert manage("shell", "-v0", "-c", code, **SAFE).stdout == "None\n"
    proxied = manage("shell", "-v0", "-c", code, **SAFE, BEHIND_TLS_PROXY="true")
    assert proxied.stdout == "('HTTP_X_FORWARDED_PROTO', 'https')\n"


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
