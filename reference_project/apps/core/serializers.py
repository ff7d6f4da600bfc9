"""How core's models look in the API."""

from typing import ClassVar

from rest_framework import serializers

from apps.core.models import Task


class TaskSerializer(serializers.ModelSerializer):
    """A task, for reading."""

    class Meta:
        model = Task
        fields: ClassVar = ["id", "name", "task_ingestor", "datetime", "status"]
        read_only_fields = fields
