"""The Task model: a piece of work, followed from waiting to done; and what is sent to a worker."""

from django.db import models

from apps.core.models.transitions import AbstractTask


class Task(AbstractTask):
    """A piece of work that some process takes up, and then completes or fails.

    Each transition is one conditional ``UPDATE``: of any number of workers that ask for the same
    one, exactly one succeeds, and the others get :class:`IllegalTransition`.

    .. testcode::

        from apps.core.models import Task

        task = Task.objects.create(name="resize images", task_ingestor="upload")
        print(task.status)
        task.start_processing()
        print(task.status)

    .. testoutput::

        pending
        processing

    It is the outbox, too: :func:`apps.core.outbox.queue_task` writes a row in the caller's
    transaction, and what was committed is sent to a worker, if need be again.

    The model is concrete. A model that inherits from it gets a table of its own, joined to this
    one, and the same transitions; :class:`AbstractTask` is for those who want no join.
    """

    class Meta:
        ordering = ("-datetime", "-id")
        indexes = (
            models.Index(fields=["status", "datetime"], name="core_task_status"),
            models.Index(fields=["datetime", "id"], name="core_task_datetime"),
            models.Index(fields=["status", "sent_at"], name="core_task_sent"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(status__in=["pending", "processing", "processed", "failed"]),
                name="core_task_status_known",
            ),
        )
