"""The Document model: a file that belongs to somebody."""

import uuid

from django.conf import settings
from django.db import models

from apps.core.models import TimestampedModel


def choose_name(document: "Document", name: str) -> str:
    """Choose where a file is stored: nothing of the name that somebody sent gets there.

    :param document: the document.
    :param name: the file's name; only the ending that the content was found to have is kept.
    :returns: a name that nobody can guess.
    """
    ending = name.rpartition(".")[2] if "." in name else "bin"
    return f"documents/{uuid.uuid4().hex}.{ending}"


class Document(TimestampedModel):
    """A file, whom it belongs to, and what was found out about it.

    Checksum and size are computed by a task after the upload; until then they are empty.

    .. testcode::

        from apps.documents.models import Document

        document = Document.objects.create(title="Plan")
        print(document, document.is_processed)

    .. testoutput::

        Plan False
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="documents",
        help_text="Who may see it; empty for nobody.",
    )
    title = models.CharField(max_length=200, help_text="What it is called.")
    file = models.FileField(upload_to=choose_name, blank=True, help_text="The file itself.")
    original_name = models.CharField(
        max_length=255, blank=True, help_text="The name that the file was sent under."
    )
    content_type = models.CharField(
        max_length=100, blank=True, help_text="What the content was found to be."
    )
    size = models.BigIntegerField(
        null=True, blank=True, editable=False, help_text="The number of bytes, once counted."
    )
    checksum = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text="SHA-256 of the content, once known.",
    )

    class Meta:
        ordering = ("-date_added", "-id")
        indexes = (models.Index(fields=["owner", "-date_added", "-id"], name="documents_of_owner"),)

    def __str__(self) -> str:
        return self.title

    @property
    def is_processed(self) -> bool:
        """Whether checksum and size are known."""
        return bool(self.checksum)
