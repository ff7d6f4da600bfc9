"""The Celery app: its configuration is the ``CELERY_*`` part of Django's settings."""

import os
from pathlib import Path

from celery import Celery
from celery.signals import heartbeat_sent, worker_init
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cookiecutter.settings.development")

app = Celery("cookiecutter")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def refuse_worker_without_broker(**_signal: object) -> None:
    """Stop a worker that could never receive a task.

    :raises SystemExit: when no broker is configured, so tasks run in the process that calls them.
    """
    if app.conf.task_always_eager:
        raise SystemExit(
            "No broker is configured, so tasks run inside the process that calls them and this "
            "worker would wait for ever. Set CELERY_BROKER_URL, e.g. redis://127.0.0.1:6379/0."
        )


@worker_init.connect
def refuse_unwritable_sign_of_life(**_signal: object) -> None:
    """Stop a worker that could not show that it lives: whoever watches would restart it for ever.

    :raises SystemExit: when ``WORKER_ALIVE_FILE`` names a file that cannot be written.
    """
    try:
        show_life()
    except OSError as error:
        raise SystemExit(
            f"WORKER_ALIVE_FILE cannot be written: {error}. Name a file in a folder that is there."
        ) from error


@heartbeat_sent.connect
def show_life(**_signal: object) -> None:
    """Renew the time of the file that says when this worker last spoke to its broker.

    A check of a container's health looks at its age, at no cost. Asking the worker through the
    broker, as ``celery inspect ping`` does, starts a process of its own each time. Nothing happens
    when ``WORKER_ALIVE_FILE`` names none.
    """
    if settings.WORKER_ALIVE_FILE:
        Path(settings.WORKER_ALIVE_FILE).touch()
