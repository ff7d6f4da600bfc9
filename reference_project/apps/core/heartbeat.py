"""Signs of life of the tasks that this process works on: their leases are renewed in time."""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from apps.core.models import Task

logger = logging.getLogger(__name__)


class Heart:
    """Renews leases in one thread a process: starting one for each task takes longer than most do.

    The thread starts with the first task and sleeps until a lease has to be renewed.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: after a fork, whose child has none of its parent's threads and tasks."""
        self._lock = threading.Lock()
        self._due: dict[int, tuple[float, Task]] = {}
        self._has_thread = False

    def take(self, row: Task) -> int:
        """Begin to renew a task's lease, three times as often as it would run out.

        :param row: a task that this process has started.
        :returns: a number by which to give it back.
        """
        with self._lock:
            if not self._has_thread:
                self._has_thread = True
                threading.Thread(target=self._beat, name="leases-of-tasks", daemon=True).start()
            key = id(row)
            self._due[key] = (time.monotonic() + settings.TASK_LEASE_SECONDS / 3, row)
            return key

    def give_back(self, key: int) -> None:
        """End renewing a task's lease.

        :param key: what :meth:`take` returned.
        """
        with self._lock:
            self._due.pop(key, None)

    def _beat(self) -> None:
        while True:
            with self._lock:
                now = time.monotonic()
                late = [(key, row) for key, (due, row) in self._due.items() if due <= now]
                for key, row in late:
                    self._due[key] = (now + settings.TASK_LEASE_SECONDS / 3, row)
                # Never longer than until a task that begins now is due. So no task has to wake it,
                # which would cost each of them more than a lock does.
                longest = now + settings.TASK_LEASE_SECONDS / 3
                soonest = min((due for due, _ in self._due.values()), default=longest)
            if not late:
                time.sleep(max(min(soonest, longest) - now, 0))
                continue
            # Outside of the lock: a database that is slow must not keep tasks from ending.
            for key, row in late:
                self._renew(key, row)
            connection.close()

    def _renew(self, key: int, row: Task) -> None:
        try:
            if not row.renew_lease():
                self.give_back(key)
        except Exception:
            # The next beat may come through; if none does, the task is given to another.
            logger.warning("the lease of task %s was not renewed", row.pk, exc_info=True)


heart = Heart()
os.register_at_fork(after_in_child=heart.forget)


@contextmanager
def beating(row: Task) -> Iterator[None]:
    """Renew a task's lease for as long as it is worked on.

    :param row: a task that this process has started.
    """
    key = heart.take(row)
    try:
        yield
    finally:
        heart.give_back(key)
