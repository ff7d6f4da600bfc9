"""Names the accounts application to Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The accounts application."""

    name = "apps.accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks, and what is kept of people."""
        from apps.accounts import checks, collectors  # noqa: F401

        collectors.register()
