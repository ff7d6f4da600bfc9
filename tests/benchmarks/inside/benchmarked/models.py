"""The models that are compared; they differ in nothing but how their changes are kept."""

from apps.core.models import TrackableModel
from auditlog.registry import auditlog
from django.conf import settings
from django.db import models
from simple_history.models import HistoricalRecords


class Row(models.Model):
    """What every row holds."""

    title = models.CharField(max_length=200)
    number = models.IntegerField(default=0)
    text = models.TextField(blank=True)

    class Meta:
        abstract = True


class Plain(Row):
    """Without any history."""


class Tracked(TrackableModel, Row):
    """This project's own."""


class Simple(Row):
    """django-simple-history's."""

    history = HistoricalRecords()


class Audited(Row):
    """django-auditlog's."""


auditlog.register(Audited)
MODELS = {"plain": Plain, "tracked": Tracked, "simple-history": Simple, "auditlog": Audited}

if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
    import pghistory

    @pghistory.track()
    class Triggered(Row):
        """django-pghistory's: triggers of PostgreSQL."""

    MODELS["pghistory"] = Triggered
