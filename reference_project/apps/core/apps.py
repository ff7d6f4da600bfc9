"""Names the core application to Django, registers its system checks, loads the Celery app."""

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    """The core application."""

    name = "apps.core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks; load the Celery app, which ``shared_task`` looks for.

        Start what operators asked for: metrics and reports of errors.
        """
        # Not in the project's package: by now an entry point has chosen the settings.
        import cookiecutter.celery  # noqa: F401
        from apps.core import checks, compression, logs, propagation  # noqa: F401

        post_migrate.connect(compression.compress_histories, dispatch_uid="apps.core.compression")
        propagation.connect()
        logs.connect_celery(settings.LOGGING["handlers"]["console"]["formatter"])
        if settings.METRICS.enabled:
            from apps.core import metrics

            metrics.connect_celery()
        if settings.SENTRY.dsn:
            from apps.core import sentry

            sentry.start_sentry()
