"""Core's models in the admin site."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core.models import HistoryArchive, IllegalTransition, Task
from apps.core.outbox import retry_task


@admin.register(Task)
class TaskAdmin(admin.ModelAdmin):
    """Tasks, to look at: their status changes through transitions only."""

    list_display = ("name", "task_ingestor", "status", "attempts", "datetime")
    list_filter = ("status",)
    search_fields = ("name", "task_ingestor")
    actions = ("retry_tasks",)

    def get_readonly_fields(self, request: HttpRequest, obj: Task | None = None) -> tuple:
        """Let everything be read and nothing be changed.

        :param request: the request.
        :param obj: the task.
        :returns: the names of all fields.
        """
        return tuple(field.name for field in Task._meta.fields)

    @admin.action(description="Do failed tasks again")
    def retry_tasks(self, request: HttpRequest, queryset: QuerySet[Task]) -> None:
        """Have the chosen tasks done again, and say which cannot be.

        :param request: the request.
        :param queryset: the tasks.
        """
        again = 0
        for task in queryset:
            try:
                retry_task(task)
                again += 1
            except IllegalTransition as error:
                self.message_user(request, str(error), messages.WARNING)
        self.message_user(request, f"{again} to be done again.")


@admin.register(HistoryArchive)
class HistoryArchiveAdmin(admin.ModelAdmin):
    """What rows have told; to look at."""

    list_display = ("model", "object_pk", "archived_at")
    list_filter = ("model",)
    search_fields = ("object_pk",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody writes history by hand.

        :param request: the request.
        :returns: ``False``.
        """
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: HistoryArchive | None = None
    ) -> bool:
        """Nobody rewrites history.

        :param request: the request.
        :param obj: the entries.
        :returns: ``False``.
        """
        return False
