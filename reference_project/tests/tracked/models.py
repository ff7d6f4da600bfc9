"""A few tables of tracked rows."""

from typing import ClassVar

from django.db import models

from apps.core.models import TimestampedModel, TrackableModel


class Note(TrackableModel):
    """A tracked row with one field of each kind that history has to write down."""

    history_excluded: ClassVar[tuple[str, ...]] = ("pin",)

    title = models.CharField(max_length=100)
    count = models.IntegerField(default=0)
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    due = models.DateTimeField(null=True)
    tags = models.JSONField(default=list)
    pin = models.CharField(max_length=20, default="")
    file = models.FileField(upload_to="notes/", blank=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return self.title


class Folder(TimestampedModel):
    """A row that others belong to; its name is unique among those that are alive."""

    name = models.CharField(max_length=100)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["name", "alive"], name="tracked_folder_name"),
        )

    def __str__(self) -> str:
        return self.name


class Page(TimestampedModel):
    """A row that is deleted with its folder."""

    folder = models.ForeignKey(Folder, on_delete=models.CASCADE, related_name="pages")
    title = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.title


class Lock(TimestampedModel):
    """A row that keeps its folder from being deleted."""

    folder = models.ForeignKey(Folder, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return f"lock {self.pk}"


class Bookmark(TimestampedModel):
    """A row that keeps its page from being deleted, unless both go with the folder."""

    folder = models.ForeignKey(Folder, on_delete=models.CASCADE)
    page = models.ForeignKey(Page, on_delete=models.RESTRICT)

    def __str__(self) -> str:
        return f"bookmark {self.pk}"


class Comment(TimestampedModel):
    """A row that stays when its page goes."""

    page = models.ForeignKey(Page, null=True, on_delete=models.SET_NULL)

    def __str__(self) -> str:
        return f"comment {self.pk}"
