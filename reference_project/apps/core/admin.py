"""Core's models in the admin site."""

from django.contrib import admin

from apps.core.models import Task


@admin.register(Task)
class TaskAdmin(admin.ModelAdmin):
    """Tasks, to look at: their status changes through transitions only."""

    list_display = ("name", "task_ingestor", "status", "datetime")
    list_filter = ("status",)
    search_fields = ("name", "task_ingestor")
    readonly_fields = ("status", "datetime")
