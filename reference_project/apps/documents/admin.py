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
    readonly_fields = ("file", "original_name", "content_type", "size", "checksum")
