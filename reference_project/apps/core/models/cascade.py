"""Finds what is deleted, and what comes back, together with a timestamped row."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models.deletion import CASCADE, PROTECT, RESTRICT, ProtectedError, RestrictedError


def is_timestamped(model: type[models.Model]) -> bool:
    """Say whether a model's rows are marked as deleted rather than removed.

    :param model: the model.
    :returns: whether it inherits from :class:`~apps.core.models.TimestampedModel`.
    """
    from apps.core.models.timestamped import TimestampedModel

    return issubclass(model, TimestampedModel)


def _list_relations(model: type[models.Model]) -> Iterator[Any]:
    for field in model._meta.get_fields(include_hidden=True):
        if field.auto_created and not field.concrete and (field.one_to_one or field.one_to_many):
            yield field


def _find_related(row: models.Model, relation: Any, using: str) -> models.QuerySet:
    """Find the rows that point at a row and are there: alive, if they can be anything else."""
    model = relation.related_model
    rows: models.QuerySet[Any] = models.QuerySet(model, using=using).filter(
        **{relation.field.name: row}
    )
    if is_timestamped(model):
        rows = rows.filter(date_deleted__isnull=True)
    return rows


def list_cascade(row: models.Model, using: str) -> list[Any]:
    """List a row and all that is deleted with it; nothing is written.

    :param row: the row.
    :param using: the database.
    :returns: the rows, that one first.
    :raises ProtectedError: when something protects one of them.
    :raises RestrictedError: when something restricts one of them and is not deleted with it.
    """
    found: dict[tuple[type, Any], models.Model] = {}
    restricting: list[tuple[models.Model, models.Model]] = []
    queue = [row]
    while queue:
        one = queue.pop()
        if (type(one), one.pk) in found:
            continue
        found[type(one), one.pk] = one
        for relation in _list_relations(type(one)):
            related = _find_related(one, relation, using)
            if relation.on_delete is PROTECT and (holders := list(related[:10])):
                raise ProtectedError(f"{one} is protected by {holders[0]}.", set(holders))
            if relation.on_delete is RESTRICT:
                restricting += [(one, holder) for holder in related]
            if relation.on_delete is CASCADE and is_timestamped(relation.related_model):
                queue += related
    left = [(one, holder) for one, holder in restricting if (type(holder), holder.pk) not in found]
    if left:
        one, holder = left[0]
        raise RestrictedError(f"{one} is restricted by {holder}.", {pair[1] for pair in left})
    return list(found.values())


def list_deleted(row: models.Model, using: str, moment: datetime) -> list[Any]:
    """List what was deleted together with a row.

    :param row: the row.
    :param using: the database.
    :param moment: when it was deleted.
    :returns: the other rows.
    """
    found: dict[tuple[type, Any], models.Model] = {}
    queue: list[models.Model] = [row]
    while queue:
        one = queue.pop()
        for relation in _list_relations(type(one)):
            model = relation.related_model
            if relation.on_delete is not CASCADE or not is_timestamped(model):
                continue
            rows = model.all_objects.using(using).filter(
                **{"date_deleted": moment, relation.field.name: one}
            )
            for other in rows:
                if (type(other), other.pk) not in found:
                    found[type(other), other.pk] = other
                    queue.append(other)
    return list(found.values())


def find_deleted_parent(row: models.Model, using: str) -> models.Model | None:
    """Find a row that this one cascades from and that is deleted still.

    :param row: the row.
    :param using: the database.
    :returns: the first such row; ``None`` when there is none.
    """
    field: Any
    for field in row._meta.concrete_fields:
        remote = field.remote_field
        if remote is None or remote.on_delete is not CASCADE:
            continue
        if not is_timestamped(remote.model):
            continue
        parents = remote.model.all_objects.using(using).filter(
            **{field.target_field.name: getattr(row, field.attname)}
        )
        if (parent := parents.exclude(date_deleted=None).first()) is not None:
            return parent
    return None
