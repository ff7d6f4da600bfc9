"""Every record says for whom it was written, in lines or in JSON, and holds no secret."""

import io
import json
import logging
import logging.config
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import RequestFactory

from apps.core import logs
from apps.core.context import Context
from cookiecutter.settings.logs import read_logging

Write = Callable[..., str]


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request of user 7 is being answered, in task t-1."""
    context = Context(request_id="r-1", user_id=7, task_id="t-1")
    monkeypatch.setattr(logs, "glance_at_context", lambda: context)


@pytest.fixture
def write(monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Log something under the settings of a format, and give back what was written."""
    made: list[logging.Handler] = []
    logger = logging.getLogger("tests.logs")
    logger.propagate, logger.level = False, logging.DEBUG

    def write(form: str, message: object, *args: object, level: str = "info", **more: Any) -> str:
        monkeypatch.setenv("LOG_FORMAT", form)
        config = read_logging()
        configurator = logging.config.DictConfigurator(config)
        formatter = configurator.configure_formatter(dict(config["formatters"][form]))
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter)
        handler.addFilter(logs.ContextFilter())
        logger.addHandler(handler)
        made.append(handler)
        getattr(logger, level)(message, *args, **more)
        logger.removeHandler(handler)
        return stream.getvalue()

    yield write
    for handler in made:
        logger.removeHandler(handler)


@pytest.mark.usefixtures("known")
def test_json_says_for_whom(write: Write) -> None:
    text = write("json", "paid %s", 3, extra={"order": 5})
    assert text.count("\n") == 1
    record = json.loads(text)
    assert record.pop("time").endswith("+00:00")
    assert record == {
        "level": "INFO",
        "logger": "tests.logs",
        "message": "paid 3",
        "request_id": "r-1",
        "user_id": 7,
        "task_id": "t-1",
        "order": 5,
    }


@pytest.mark.usefixtures("known")
def test_line_says_for_whom(write: Write) -> None:
    line = write("console", "paid")
    assert line.endswith("INFO tests.logs: paid [request r-1, user 7, task t-1]\n")


def test_line_outside_of_any_request_ends_with_its_message(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "glance_at_context", lambda: Context("", None, ""))
    assert write("console", "paid").endswith("INFO tests.logs: paid\n")
    record = json.loads(write("json", "paid"))
    assert (record["request_id"], record["user_id"], record["task_id"]) == (None, None, None)


@pytest.mark.usefixtures("known")
def test_record_that_names_its_request_keeps_it(write: Write) -> None:
    assert json.loads(write("json", "a", extra={"request_id": "other"}))["request_id"] == "other"


@pytest.mark.parametrize("form", ["console", "json"])
def test_secrets_are_left_out(write: Write, form: str) -> None:
    try:
        raise ValueError("token=SECRET")
    except ValueError:
        text = write(form, "password=%s", "SECRET", level="exception")
    assert "SECRET" not in text
    assert "password=[redacted]" in text
    assert "ValueError: token=[redacted]" in text
    members = {"new_password": "SECRET", "headers": {"Authorization": "SECRET"}, "size": 3}
    text = write("json", "a", extra=members)
    assert "SECRET" not in text
    assert json.loads(text)["size"] == 3


def test_request_is_logged_without_its_query(write: Write) -> None:
    request = RequestFactory().get("/verify/?code=four-digits")
    text = write("json", "failed", extra={"request": request, "status_code": 500})
    record = json.loads(text)
    assert (record["method"], record["path"], record["status_code"]) == ("GET", "/verify/", 500)
    assert "four-digits" not in text


def test_arguments_of_tasks_are_left_out(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger("tests.logs"), "name", "celery.worker.strategy")
    record = json.loads(write("json", "received", extra={"data": {"args": "(1,)"}}))
    assert record["message"] == "received"
    assert "data" not in record


def test_message_cannot_begin_a_line_of_its_own_in_json(write: Write) -> None:
    assert write("json", "a\nb").count("\n") == 1


def test_statement_is_logged_without_its_values() -> None:
    record = logging.makeLogRecord({"name": "django.db.backends", "msg": "(%.3f) %s; %s; %s"})
    sql = "INSERT INTO otp VALUES ('it''s four-digits', 5)"
    record.args = (0.1, sql, ("it's four-digits", 5), "default")
    record.sql, record.params = sql, ("it's four-digits",)  # type: ignore[attr-defined]
    assert logs.StatementFilter().filter(record)
    assert record.getMessage() == "(0.100) INSERT INTO otp VALUES ('?', 5); [redacted]; default"
    assert "four-digits" not in str(record.__dict__)


def test_levels_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "warning")
    monkeypatch.setenv("DB_LOG_LEVEL", "debug")
    config = read_logging()
    assert config["root"]["level"] == "WARNING"
    assert config["loggers"]["db"]["level"] == "DEBUG"
    assert config["loggers"]["django.db.backends"]["level"] == "DEBUG"


def test_unknown_format_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_FORMAT", "xml")
    with pytest.raises(ValueError, match="LOG_FORMAT must be one of console, json, not 'xml'"):
        read_logging()


def test_settings_in_force_are_these() -> None:
    assert read_logging() == settings.LOGGING
    assert logging.getLogger("db").level == logging.getLevelName(
        settings.LOGGING["loggers"]["db"]["level"]
    )


def test_format_of_celery_is_kept_and_its_secrets_are_not() -> None:
    stream = io.StringIO()
    logger = logging.Logger("celery-like")
    logger.addHandler(logging.StreamHandler(stream))
    logger.handlers[0].setFormatter(logging.Formatter("<%(message)s>"))
    logs.redact_celery_logs(logger=logger)
    logs.redact_celery_logs(logger=logger)
    logger.warning("token=SECRET")
    assert stream.getvalue() == "<token=[redacted]>\n"
