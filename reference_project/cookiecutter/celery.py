"""The Celery app: its configuration is the ``CELERY_*`` part of Django's settings."""

import os
import sys
from pathlib import Path

from celery import Celery, Task
from celery.signals import heartbeat_sent, task_postrun, task_prerun, worker_init
from django.conf import settings
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cookiecutter.settings.development")

app = Celery("cookiecutter")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Celery closes the connections to the database before and after every task, whatever CONN_MAX_AGE
# says, and a new one costs more than all else that the outbox does for a task. With this Celery
# leaves them alone, for as many tasks; close_unusable_connections() sees to them instead.
app.conf["CELERY_DB_REUSE_MAX"] = sys.maxsize
app.autodiscover_tasks()


@task_prerun.connect
@task_postrun.connect
def close_unusable_connections(task: Task, **_signal: object) -> None:
    """Close connections to the database as Django does before and after a request.

    That is every one where ``CONN_MAX_AGE`` is 0, and else those that are too old, or broken; the
    next task tries the others before it uses them.

    :param task: the task; one that runs in place is part of whatever called it, which may be in
        the midst of a transaction.
    """
    if not task.request.is_eager:
        close_old_connections()


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
