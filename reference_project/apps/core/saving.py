"""How the API changes a row: by what was sent, and by nothing else of what was loaded before."""

from typing import Any, ClassVar

from django.db import transaction
from rest_framework.exceptions import APIException, NotFound


class SavesWhatWasSent:
    """For serializers of models: other fields of the row may be newer by now, or the row gone.

    :cvar gone: what is raised when the row is gone, or marked as deleted.
    """

    gone: ClassVar[type[APIException]] = NotFound

    @transaction.atomic
    def update(self, instance: Any, validated_data: dict[str, Any]) -> Any:
        """Save the values that were sent, and those dates that follow every change.

        :param instance: the row, as it was loaded.
        :param validated_data: the values that were sent.
        :returns: the same row.
        :raises rest_framework.exceptions.APIException: when the row is gone by now.
        """
        rows = type(instance).objects.select_for_update().filter(pk=instance.pk)
        if rows.values("pk").first() is None:
            raise self.gone
        for name, value in validated_data.items():
            setattr(instance, name, value)
        fields = instance._meta.concrete_fields
        dates = [field.name for field in fields if getattr(field, "auto_now", False)]
        if validated_data:
            instance.save(update_fields=[*validated_data, *dates])
        return instance
