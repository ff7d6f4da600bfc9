"""What every task model has and does: its fields, and the steps from waiting to done."""

from datetime import timedelta
from typing import Any, NoReturn

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from apps.core.models.claims import delete_claimed


class IllegalTransition(Exception):
    """A task was asked for a step that its current status does not allow."""


class AbstractTask(models.Model):
    """All that a :class:`Task` has and does, for models that want no join.

    A model that inherits from this has one table of its own, with the same fields and transitions.
    The outbox sends rows of :class:`Task` only.
    """

    TASK_STATUS_PENDING = "pending"
    TASK_STATUS_PROCESSING = "processing"
    TASK_STATUS_PROCESSED = "processed"
    TASK_STATUS_FAILED = "failed"
    TASK_STATUS_CHOICES = (
        (TASK_STATUS_PENDING, "Pending"),
        (TASK_STATUS_PROCESSING, "Processing"),
        (TASK_STATUS_PROCESSED, "Processed"),
        (TASK_STATUS_FAILED, "Failed"),
    )

    name = models.CharField(max_length=255, help_text="What is to be done.")
    task_ingestor = models.CharField(max_length=255, help_text="Who asked for it.")
    datetime = models.DateTimeField(auto_now_add=True, help_text="When it was asked for.")
    status = models.CharField(
        max_length=16,
        choices=TASK_STATUS_CHOICES,
        default=TASK_STATUS_PENDING,
        help_text="How far it has come.",
    )
    celery_name = models.CharField(
        max_length=255, blank=True, help_text="The Celery task that does it; empty if none does."
    )
    arguments = models.JSONField(default=dict, help_text="What the Celery task is called with.")
    context = models.JSONField(
        default=dict, editable=False, help_text="For whom, and in which request, it is done."
    )
    due_at = models.DateTimeField(
        null=True, blank=True, help_text="Not to be started before; empty for at once."
    )
    sent_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was last given to the broker; empty if never."
    )
    attempts = models.PositiveIntegerField(default=0, help_text="How often it was started.")
    started_at = models.DateTimeField(null=True, blank=True, help_text="When it was last started.")
    lease_until = models.DateTimeField(
        null=True, blank=True, help_text="Without a sign of life until then, its worker is dead."
    )
    error = models.TextField(blank=True, help_text="Why the latest attempt failed.")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.name} ({self.status})"

    def start_processing(self) -> None:
        """Take the task up: from pending to processing, for as long as its lease.

        A task whose lease is over counts as pending: its worker has died.

        :raises IllegalTransition: when the task is not pending, for example because another
            worker was faster.

        .. testcode::

            from apps.core.models import IllegalTransition, Task

            task = Task.objects.create(name="resize images", task_ingestor="upload")
            task.start_processing()
            try:
                task.start_processing()
            except IllegalTransition as error:
                print(error)

        .. testoutput::

            The task 'resize images' is processing: only a pending task can become processing.
        """
        now = timezone.now()
        free = Q(status=self.TASK_STATUS_PENDING) | Q(
            status=self.TASK_STATUS_PROCESSING, lease_until__lt=now
        )
        self._move(
            self.TASK_STATUS_PENDING,
            self.TASK_STATUS_PROCESSING,
            free,
            started_at=now,
            lease_until=now + timedelta(seconds=settings.TASK_LEASE_SECONDS),
            attempts=F("attempts") + 1,
        )
        self.attempts += 1

    def complete_processing(self) -> None:
        """Finish the task: from processing to processed; then its record is deleted.

        :raises IllegalTransition: when the task is not processing.

        .. testcode::

            from apps.core.models import Task

            task = Task.objects.create(name="resize images", task_ingestor="upload")
            task.start_processing()
            task.complete_processing()
            print(task.status)
            print(Task.objects.filter(name="resize images").exists())

        .. testoutput::

            processed
            False
        """
        source, target = self.TASK_STATUS_PROCESSING, self.TASK_STATUS_PROCESSED
        if not self._meta.related_objects and not self._meta.parents:
            # One statement settles which worker wins, and is all there is to do.
            if self.pk is None or not delete_claimed(self):
                self._refuse(source, target)
            self.status, self.pk = target, None
            return
        # Moving first settles which worker wins; deleting alone would not, since Django reads
        # the row before it deletes one that other tables may point at.
        with transaction.atomic(using=self._state.db):
            self._move(source, target)
            self.delete()

    def fail_processing(self, error: str = "") -> None:
        """Give the task up: from processing to failed; its record stays, with the error.

        :param error: why it failed; nothing secret.
        :raises IllegalTransition: when the task is not processing.

        .. testcode::

            from apps.core.models import Task

            task = Task.objects.create(name="resize images", task_ingestor="upload")
            task.start_processing()
            task.fail_processing()
            print(Task.objects.get(pk=task.pk).status)

        .. testoutput::

            failed
        """
        self._move(self.TASK_STATUS_PROCESSING, self.TASK_STATUS_FAILED, error=error)

    def retry(self) -> None:
        """Let a failed task be done again: from failed to pending.

        The record keeps the error until the next attempt ends. To have it sent as well, call
        :func:`apps.core.outbox.retry_task`.

        :raises IllegalTransition: when the task has not failed.

        .. testcode::

            from apps.core.models import Task

            task = Task.objects.create(name="resize images", task_ingestor="upload")
            task.start_processing()
            task.fail_processing("the disk is full")
            task.retry()
            print(task.status, Task.objects.get(pk=task.pk).error)

        .. testoutput::

            pending the disk is full
        """
        self._move(self.TASK_STATUS_FAILED, self.TASK_STATUS_PENDING, sent_at=None, due_at=None)

    def postpone(self, seconds: float, error: str = "") -> None:
        """Give the task back, to be started again later: from processing to pending.

        :param seconds: how much later.
        :param error: why this attempt failed; nothing secret.
        :raises IllegalTransition: when the task is not processing.
        """
        due = timezone.now() + timedelta(seconds=seconds)
        self._move(
            self.TASK_STATUS_PROCESSING,
            self.TASK_STATUS_PENDING,
            due_at=due,
            sent_at=None,
            error=error,
        )

    def renew_lease(self) -> bool:
        """Give a sign of life: the lease begins again.

        :returns: whether the task is still this worker's.
        """
        until = timezone.now() + timedelta(seconds=settings.TASK_LEASE_SECONDS)
        mine = self._find_own().filter(status=self.TASK_STATUS_PROCESSING)
        return bool(mine.update(lease_until=until))

    def _find_own(self) -> models.QuerySet:
        # The number of attempts tells this worker's claim from that of another who took over.
        model = self._meta.get_field("status").model
        rows: models.QuerySet[Any] = models.QuerySet(model, using=self._state.db)
        return rows.filter(pk=self.pk, attempts=self.attempts)

    def _move(self, source: str, target: str, where: Q | None = None, **values: Any) -> None:
        where = where or Q(status=source)
        if self.pk is None or not self._find_own().filter(where).update(status=target, **values):
            self._refuse(source, target)
        self.status = target
        for name, value in values.items():
            if not hasattr(value, "resolve_expression"):
                setattr(self, name, value)

    def _refuse(self, source: str, target: str) -> NoReturn:
        model = self._meta.get_field("status").model
        rows: models.QuerySet[Any] = models.QuerySet(model, using=self._state.db)
        rows = rows.filter(pk=self.pk)
        found = rows.values_list("status", flat=True).first() if self.pk else None
        taken = " by another" if found == source else ""
        raise IllegalTransition(
            f"The task {self.name!r} is {found or 'not stored'}{taken}: "
            f"only a {source} task can become {target}."
        )
