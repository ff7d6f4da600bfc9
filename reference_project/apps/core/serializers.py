"""How core's models look in the API."""

from typing import ClassVar

from rest_framework import serializers

from apps.core.models import Task


class TaskSerializer(serializers.ModelSerializer):
    """A task, for reading; what it was called with stays inside."""

    class Meta:
        model = Task
        fields: ClassVar = [
            "id",
            "name",
            "task_ingestor",
            "datetime",
            "status",
            "attempts",
            "started_at",
            "sent_at",
            "due_at",
            "error",
        ]
        read_only_fields = fields


class TaskFilterSerializer(serializers.Serializer):
    """Which tasks to list."""

    status = serializers.ChoiceField(
        choices=Task.TASK_STATUS_CHOICES, required=False, help_text="Only tasks of this status."
    )
