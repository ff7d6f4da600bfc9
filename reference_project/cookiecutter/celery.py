"""The Celery app: its configuration is the ``CELERY_*`` part of Django's settings."""

import os

from celery import Celery
from celery.signals import worker_init

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
