"""The sweeper: sends tasks that no worker has taken up, and finds those whose worker died."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from apps.core.models import Task
from apps.core.models.claims import MAX_ATTEMPTS, fail_abandoned
from apps.core.outbox import find_celery_task, send_task

MOST_AT_ONCE = 500


def sweep_tasks() -> dict[str, int]:
    """Send what no worker has taken up, and give back what a dead worker has left.

    What was started as often as it may be, and whose worker died again, is given up instead.
    Meant to run every few seconds, and safe to run at the same time in several places.

    :returns: how many tasks were given back, and how many were sent.
    """
    now = timezone.now()
    given_back = give_back_abandoned(now)
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


def give_back_abandoned(now: datetime) -> int:
    """Let the tasks of dead workers be started again, as often as each of them may be.

    :param now: whose lease was over by then.
    :returns: how many were given back.
    """
    abandoned = Task.objects.filter(
        status=Task.TASK_STATUS_PROCESSING, lease_until__lt=now
    ).exclude(celery_name="")
    given_back = 0
    for name in abandoned.order_by().values_list("celery_name", flat=True).distinct():
        same = abandoned.filter(celery_name=name)
        max_attempts = getattr(find_celery_task(name), "max_attempts", MAX_ATTEMPTS)
        fail_abandoned(same, max_attempts)
        given_back += same.filter(attempts__lt=max_attempts).update(
            status=Task.TASK_STATUS_PENDING, sent_at=None, due_at=None
        )
    return given_back
