"""Names the documents application to Django, and connects what follows a deletion."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """The documents application."""

    name = "apps.documents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Remove files whose documents are removed."""
        from apps.documents import files

        files.connect()
