"""The models of core."""

from apps.core.models.archive import HistoryArchive, forget_history, full_history
from apps.core.models.task import Task
from apps.core.models.timestamped import CannotRestore, TimestampedModel
from apps.core.models.trackable import TrackableModel
from apps.core.models.transitions import AbstractTask, IllegalTransition

__all__ = [
    "AbstractTask",
    "CannotRestore",
    "HistoryArchive",
    "IllegalTransition",
    "Task",
    "TimestampedModel",
    "TrackableModel",
    "forget_history",
    "full_history",
]
