"""The models of core."""

from apps.core.models.task import IllegalTransition, Task

__all__ = ["IllegalTransition", "Task"]
