"""Tasks that do nothing."""

from apps.core.outbox import outbox_task
from celery import shared_task


@shared_task(name="benchmarked.bare", ignore_result=True)
def bare() -> None:
    """Do nothing, as a task of Celery alone."""


@outbox_task(name="benchmarked.outbox", ignore_result=True)
def outbox() -> None:
    """Do nothing, as a task of the outbox."""
