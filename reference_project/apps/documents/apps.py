"""Names the documents application to Django, and connects it to the rest."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """The documents application."""

    name = "apps.documents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Remove files whose documents are removed; say what is kept of people; fill the demo."""
        from apps.documents import demo, files, people

        demo.connect()
        files.connect()
        people.register()
