"""Reads what is logged, and how: lines for people, or JSON for programs."""

from typing import Any

from cookiecutter.settings.environment import read_text

FORMATS = ("console", "json")


def read_logging() -> dict[str, Any]:
    """Read the settings of the logs.

    :returns: ``LOGGING``: everything goes to the console, with secrets removed.
    :raises ValueError: when the format is unknown.
    """
    form = read_text("LOG_FORMAT", "console").lower()
    if form not in FORMATS:
        raise ValueError(f"LOG_FORMAT must be one of {', '.join(FORMATS)}, not {form!r}.")
    level = read_text("LOG_LEVEL", "INFO").upper()
    database_level = read_text("DB_LOG_LEVEL", "INFO").upper()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "context": {"()": "apps.core.logs.ContextFilter"},
            "statements": {"()": "apps.core.logs.StatementFilter"},
        },
        "formatters": {
            "console": {
                "()": "apps.core.logs.LineFormatter",
                "fmt": "{asctime} {levelname} {name}: {message}{context}",
                "style": "{",
            },
            "json": {"()": "apps.core.logs.JSONFormatter"},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": form,
                "filters": ["context"],
            },
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django's own handler would print every line of its logger a second time.
            "django": {"handlers": [], "level": level},
            # Database operations: the project's own, and with DEBUG the statements of Django.
            "db": {"level": database_level},
            "django.db.backends": {"level": database_level, "filters": ["statements"]},
        },
    }
