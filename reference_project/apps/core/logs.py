"""Says in every log record for whom it was written, and lets no secret out with it."""

import datetime
import logging
import re
from typing import Any

from django.http import HttpRequest
from pythonjsonlogger.json import JsonFormatter

from apps.core.context import glance_at_context
from apps.core.redaction import REDACTED, redact_text, redact_value

# The attributes of a record that are for the console's lines, or too big and too telling.
LEFT_OUT = {"context", "request", "taskName", "params", "color_message"}
_LITERAL = re.compile(r"'(?:[^']|'')*'")


class ContextFilter(logging.Filter):
    """Adds ``request_id``, ``user_id`` and ``task_id`` to every record that has none of its own.

    ``context`` says the same in words, for lines; it is empty where nothing is known.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Add them.

        :param record: the record.
        :returns: ``True``: no record is dropped.
        """
        context = glance_at_context()
        words = []
        for name in ("request_id", "user_id", "task_id"):
            if not hasattr(record, name):
                setattr(record, name, getattr(context, name) or None)
            if value := getattr(record, name):
                words.append(f"{name.removesuffix('_id')} {value}")
        record.context = f" [{', '.join(words)}]" if words else ""
        return True


class StatementFilter(logging.Filter):
    """Removes the values from the SQL that Django logs with ``DEBUG``."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Remove them.

        :param record: a record of ``django.db.backends``.
        :returns: ``True``: no record is dropped.
        """
        if hasattr(record, "sql") and isinstance(record.args, tuple) and len(record.args) == 4:
            duration, sql, _params, alias = record.args
            record.sql = _LITERAL.sub("'?'", str(sql))
            record.params = None
            record.args = (duration, record.sql, REDACTED, alias)
        return True


class LineFormatter(logging.Formatter):
    """Writes records as lines for people, without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one.

        :param record: the record, after :class:`ContextFilter`.
        :returns: the line, and below it the traceback if there is one.
        """
        return redact_text(super().format(record))


class WrappedFormatter(logging.Formatter):
    """Removes the secrets from what another formatter writes.

    :param inner: the other formatter.
    """

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self.inner = inner

    def format(self, record: logging.LogRecord) -> str:
        """Write a record.

        :param record: the record.
        :returns: what the other formatter writes, without secrets.
        """
        return redact_text(self.inner.format(record))


class JSONFormatter(JsonFormatter):
    """Writes each record as one line of JSON, without secrets.

    The members are ``time``, ``level``, ``logger``, ``message``, ``request_id``, ``user_id``,
    ``task_id``, ``exception`` where there is one, and whatever was given as ``extra``.
    """

    def __init__(self) -> None:
        fields = ["created", "levelname", "name", "message", "request_id", "user_id", "task_id"]
        renamed = {
            "created": "time",
            "levelname": "level",
            "name": "logger",
            "exc_info": "exception",
            "stack_info": "stack",
        }
        super().__init__(fields, rename_fields=renamed, json_ensure_ascii=False)
        self._skip_fields |= LEFT_OUT

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        """Collect the members.

        :param log_data: the members, which are added to it.
        :param record: the record.
        :param message_dict: the message, where it is a mapping.
        """
        super().add_fields(log_data, record, message_dict)
        moment = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        log_data["time"] = moment.isoformat(timespec="milliseconds")
        if record.name.startswith("celery."):
            # The arguments of tasks, which may be anything.
            log_data.pop("data", None)
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            # Not the query, which may hold what only the visitor may know.
            log_data |= {"method": request.method, "path": request.path}

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Remove the secrets.

        :param log_data: the members.
        :returns: the members without secrets.
        """
        return {str(key): value for key, value in redact_value(log_data).items()}


def keep_own_format(**_signal: object) -> None:
    """Keep Celery from replacing the format of the logs; its signal ``setup_logging`` asks."""


def redact_celery_logs(logger: logging.Logger, **_signal: object) -> None:
    """Remove secrets from what Celery writes in its own format.

    :param logger: the logger that Celery set up; its signal ``after_setup_logger`` says which.
    """
    for handler in logger.handlers:
        if handler.formatter and not isinstance(handler.formatter, WrappedFormatter):
            handler.setFormatter(WrappedFormatter(handler.formatter))


def connect_celery(form: str) -> None:
    """Tell Celery how to log.

    :param form: ``json`` replaces Celery's own format, which people know; ``console`` keeps it.
    """
    from celery import signals

    if form == "json":
        signals.setup_logging.connect(keep_own_format)
    else:
        signals.after_setup_logger.connect(redact_celery_logs)
        signals.after_setup_task_logger.connect(redact_celery_logs)
