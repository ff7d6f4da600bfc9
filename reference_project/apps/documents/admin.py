"""Documents in the admin site."""

from django.contrib import admin

from apps.documents.models import Document


@admin.register(Document)
class DocumentAdmin(admin.ModelAdmin):
    """Documents, to look at and to delete; a deleted one is only marked."""

    list_display = ("title", "owner", "content_type", "size", "date_added")
    list_select_related = ("owner",)
    search_fields = ("title", "original_name")
    raw_id_fields = ("owner",)
    exclude = ("file",)
    readonly_fields = ("file_name", "original_name", "content_type", "size", "checksum")

    @admin.display(description="file")
    def file_name(self, document: Document) -> str:
        """Say where the file lies; there is no link to it, as a private store has none.

        :param document: the document.
        :returns: the name in the store; empty without a file.
        """
        return document.file.name or ""
