"""How documents look in the API."""

from typing import Any, ClassVar

from django.core.files import File
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.core.saving import SavesWhatWasSent
from apps.documents.contents import NotAllowed, find_type
from apps.documents.models import Document


class DocumentSerializer(SavesWhatWasSent, serializers.ModelSerializer):
    """A document, as its owner sees it; only the title can be changed."""

    class Meta:
        model = Document
        fields: ClassVar = [
            "id",
            "title",
            "original_name",
            "content_type",
            "size",
            "checksum",
            "date_added",
            "date_updated",
        ]
        read_only_fields: ClassVar = [name for name in fields if name != "title"]


class UploadSerializer(serializers.Serializer):
    """A new document."""

    title = serializers.CharField(max_length=200, help_text="What it is called.")
    file = serializers.FileField(
        help_text="The file; what it is is found out by looking into it.",
        max_length=255,
        allow_empty_file=True,
    )

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Look into the file.

        :param values: the checked values.
        :returns: these, and what the file was found to be.
        :raises rest_framework.exceptions.ValidationError: when it is not allowed.
        """
        file: File = values["file"]
        try:
            return {**values, "content_type": find_type(file)}
        except NotAllowed as error:
            raise serializers.ValidationError({"file": [str(error)]}) from error


class ChangeSerializer(serializers.Serializer):
    """How one field changed."""

    old = serializers.JSONField(required=False, help_text="The value before, if it was known.")
    new = serializers.JSONField(required=False, help_text="The value after.")
    hidden = serializers.BooleanField(required=False, help_text="The values are secret.")
    expression = serializers.CharField(required=False, help_text="What the database computed.")


class HistoryEntrySerializer(serializers.Serializer):
    """One entry of a document's history."""

    action = serializers.ChoiceField(choices=["create", "update", "delete"])
    at = serializers.DateTimeField(help_text="When.")
    by = serializers.IntegerField(allow_null=True, help_text="The acting user's id.")
    changes = serializers.SerializerMethodField()

    @extend_schema_field(serializers.DictField(child=ChangeSerializer()))
    def get_changes(self, entry: dict[str, Any]) -> dict[str, Any]:
        """Read the changes.

        :param entry: the entry.
        :returns: by field, the old and the new value; where the file lies stays inside.
        """
        return {name: change for name, change in entry["changes"].items() if name != "file"}
