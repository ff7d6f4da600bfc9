"""The sweeper: sends tasks that no worker has taken up, and finds those whose worker died."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from apps.core.models import Task
from apps.core.outbox import send_task

MOST_AT_ONCE = 500


def sweep_tasks() -> dict[str, int]:
    """Send what no worker has taken up, and give back what a dead worker has left.

    Meant to run every few seconds, and safe to run at the same time in several places.

    :returns: how many tasks were given back, and how many were sent.
    """
    now = timezone.now()
    processing = Task.objects.filter(status=Task.TASK_STATUS_PROCESSING)
    given_back = (
        processing.filter(lease_until__lt=now)
        .exclude(celery_name="")
        .update(status=Task.TASK_STATUS_PENDING, sent_at=None, due_at=None)
    )
    grace = now - timedelta(seconds=settings.TASK_SEND_GRACE_SECONDS)
    again = now - timedelta(seconds=settings.TASK_RESEND_SECONDS)
    waiting = Task.objects.filter(
        Q(sent_at__isnull=True, datetime__lt=grace) | Q(sent_at__lt=again),
        Q(due_at__isnull=True) | Q(due_at__lte=now),
        status=Task.TASK_STATUS_PENDING,
    ).exclude(celery_name="")
    sent = 0
    for row in waiting.order_by("datetime", "id")[:MOST_AT_ONCE]:
        # One sweeper sends it, of however many.
        if not waiting.filter(pk=row.pk).update(sent_at=now):
            continue
        if not send_task(row):
            break  # the broker is down: the rest would only wait for it, one after the other
        sent += 1
    return {"given_back": given_back, "sent": sent}
