"""Names the core application to Django, registers its system checks, loads the Celery app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The core application."""

    name = "apps.core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks; load the Celery app, which ``shared_task`` looks for."""
        # Not in the project's package: by now an entry point has chosen the settings.
        import cookiecutter.celery  # noqa: F401
        from apps.core import checks, propagation  # noqa: F401

        propagation.connect()
