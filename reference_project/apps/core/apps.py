"""Names the core application to Django and registers its system checks."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The core application."""

    name = "apps.core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks."""
        from apps.core import checks  # noqa: F401
