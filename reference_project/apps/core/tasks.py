"""The Celery tasks of core."""

from celery import shared_task

from apps.core.sweeper import sweep_tasks


# Nobody is to wait for a sweep that was missed: the next one does its work.
@shared_task(name="core.sweep_tasks", ignore_result=True, expires=60)
def sweep() -> dict[str, int]:
    """Send what no worker has taken up, and give back what a dead worker has left.

    :returns: how many tasks were given back, and how many were sent.
    """
    return sweep_tasks()
