"""Reads Django models: their fields, what these point at, and which model each one extends."""

from dataclasses import dataclass, field
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Attribute:
    """A field of a model.

    :param kind: the field's class, or the kind of its key.
    :param target: the name of the model that it points at; empty if it points at none.
    """

    name: str
    kind: str
    target: str = ""


@dataclass(frozen=True)
class Entity:
    """A model.

    :param fields: its fields, without those that it has from another model of the picture.
    :param parents: the names of the models of the picture that it extends directly.
    """

    name: str
    is_abstract: bool
    fields: list[Attribute] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)


def read_model(path: str) -> Any:
    """Import a model.

    :param path: its dotted path, like ``apps.core.models.Task``.
    :raises ImportError: if there is no such module.
    :raises AttributeError: if the module has no such name.
    :raises TypeError: if the name is no model.
    """
    from django.db.models import Model

    module, _, name = path.rpartition(".")
    model = getattr(import_module(module), name)
    if not (isinstance(model, type) and issubclass(model, Model)):
        raise TypeError(f"{path} is no model, but {model!r}.")
    return model


def describe_model(model: Any, shown: list[Any]) -> Entity:
    """Describe a model.

    :param model: the model.
    :param shown: all models of the picture: what comes from one of them is described there.
    """
    parents = [base for base in model.__bases__ if base in shown]
    inherited = {one.name for parent in parents for one in _list_fields(parent)}
    return Entity(
        name=model.__name__,
        is_abstract=model._meta.abstract,
        fields=[_read_field(one) for one in _list_fields(model) if one.name not in inherited],
        parents=[parent.__name__ for parent in parents],
    )


def _list_fields(model: Any) -> list[Any]:
    return [*model._meta.fields, *model._meta.many_to_many]


def _read_field(one: Any) -> Attribute:
    if not one.is_relation:
        return Attribute(one.name, type(one).__name__)
    target = one.remote_field.model
    # On an abstract model the target is still the name that the settings give it.
    name = target.rpartition(".")[2] if isinstance(target, str) else target.__name__
    return Attribute(one.name, type(one).__name__, name)
