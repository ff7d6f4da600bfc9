"""The Task model: a piece of work, followed from waiting to done."""

from django.db import models, transaction


class IllegalTransition(Exception):
    """A task was asked for a step that its current status does not allow."""


class Task(models.Model):
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

    The model is concrete. A model that inherits from it gets a table of its own, joined to this
    one, and the same transitions.
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

    class Meta:
        ordering = ("-datetime", "-id")
        indexes = (
            models.Index(fields=["status", "datetime"], name="core_task_status"),
            models.Index(fields=["datetime", "id"], name="core_task_datetime"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(status__in=["pending", "processing", "processed", "failed"]),
                name="core_task_status_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.status})"

    def start_processing(self) -> None:
        """Take the task up: from pending to processing.

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
        self._move(self.TASK_STATUS_PENDING, self.TASK_STATUS_PROCESSING)

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
        # Moving first settles which worker wins; deleting alone would not, since Django reads
        # the row before it deletes one that other tables may point at.
        with transaction.atomic(using=self._state.db):
            self._move(self.TASK_STATUS_PROCESSING, self.TASK_STATUS_PROCESSED)
            self.delete()

    def fail_processing(self) -> None:
        """Give the task up: from processing to failed; its record stays.

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
        self._move(self.TASK_STATUS_PROCESSING, self.TASK_STATUS_FAILED)

    def _move(self, source: str, target: str) -> None:
        rows = Task.objects.using(self._state.db).filter(pk=self.pk)
        if self.pk is None or not rows.filter(status=source).update(status=target):
            found = rows.values_list("status", flat=True).first() if self.pk else None
            raise IllegalTransition(
                f"The task {self.name!r} is {found or 'not stored'}: "
                f"only a {source} task can become {target}."
            )
        self.status = target
