"""The project: settings, URLs and entry points.

The Celery app is imported here, so that ``shared_task`` finds it whenever Django starts.
"""

from cookiecutter.celery import app as celery_app

__all__ = ["celery_app"]
