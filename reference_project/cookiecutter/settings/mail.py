"""Reads where mails are sent: a server, or without one the console of the process."""

from typing import Any

from django import VERSION

from cookiecutter.settings.environment import read_bool, read_int, read_text

BACKENDS = "django.core.mail.backends"


def read_mail_settings() -> dict[str, Any]:
    """Read the mail settings, under the names that the installed Django knows.

    :returns: the settings; ``MAILERS`` from Django 6.1 on, ``EMAIL_…`` before.
    """
    options = {
        "host": read_text("EMAIL_HOST"),
        "port": read_int("EMAIL_PORT", 587),
        "username": read_text("EMAIL_HOST_USER"),
        "password": read_text("EMAIL_HOST_PASSWORD"),
        "use_tls": read_bool("EMAIL_USE_TLS", True),
        "timeout": 20,
    }
    backend = f"{BACKENDS}.{'smtp' if options['host'] else 'console'}.EmailBackend"
    if VERSION >= (6, 1):
        mailer: dict[str, Any] = {"BACKEND": backend}
        if options["host"]:
            mailer["OPTIONS"] = options
        return {"MAILERS": {"default": mailer}}
    return {
        "EMAIL_BACKEND": backend,
        "EMAIL_HOST": options["host"],
        "EMAIL_PORT": options["port"],
        "EMAIL_HOST_USER": options["username"],
        "EMAIL_HOST_PASSWORD": options["password"],
        "EMAIL_USE_TLS": options["use_tls"],
        "EMAIL_TIMEOUT": options["timeout"],
    }
