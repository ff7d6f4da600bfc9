"""Reads settings from the environment, else from ``.env`` beside ``manage.py``; notes each one."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from decouple import Config, Csv, RepositoryEmpty, RepositoryEnv

BASE_DIR = Path(__file__).resolve().parents[2]

# ENV_FILE names another file; one that is none, such as /dev/null, means that nothing is read.
_env_file = Path(os.environ.get("ENV_FILE") or BASE_DIR / ".env")
# decouple's own look-up climbs to the root of the disk, and would believe a stranger's .env.
config = Config(RepositoryEnv(str(_env_file)) if _env_file.is_file() else RepositoryEmpty())

__all__ = [
    "BASE_DIR",
    "Variable",
    "config",
    "is_set",
    "prefer",
    "read_bool",
    "read_float",
    "read_int",
    "read_list",
    "read_text",
    "variables",
]

Value = TypeVar("Value")


@dataclass(frozen=True)
class Variable:
    """What the code says about a variable of the environment.

    :param name: its name.
    :param kind: ``text``, ``bool``, ``int``, ``float`` or ``list``.
    :param default: the value when it is not set.
    :param preferred: the value instead of that, where :func:`prefer` gave one.
    :param module: the module that reads it.
    """

    name: str
    kind: str
    default: Any
    preferred: Any
    module: str


# Every variable that was read so far, by name.
variables: dict[str, Variable] = {}
_preferred: dict[str, Any] = {}


def prefer(**defaults: Any) -> None:
    """Change defaults before they are read; who comes first wins.

    :param defaults: the default by the variable's name.
    """
    for name, default in defaults.items():
        _preferred.setdefault(name, default)


def _note(name: str, kind: str, default: Value) -> Value:
    module = sys._getframe(2).f_globals["__name__"]
    preferred = _preferred.get(name)
    variables.setdefault(name, Variable(name, kind, default, preferred, module))
    return default if preferred is None else preferred


def _read(name: str) -> str:
    return str(config(name, default="")).strip()


def is_set(name: str) -> bool:
    """Say whether somebody gave a variable a value.

    :param name: the environment variable.
    :returns: whether it is set, and not empty.
    """
    return bool(_read(name))


def read_text(name: str, default: str = "") -> str:
    """Read a text; a variable that is set but empty counts as not set.

    :param name: the environment variable.
    :param default: the value when it is missing or empty.
    :returns: the value without surrounding blanks.
    """
    default = _note(name, "text", default)
    return _read(name) or default


def read_bool(name: str, default: bool = False) -> bool:
    """Read a switch: ``true``/``false``, ``yes``/``no``, ``on``/``off`` or ``1``/``0``.

    :param name: the environment variable.
    :param default: the value when it is missing or empty.
    :returns: the switch.
    :raises ValueError: when the value is none of these words; the message names the variable.
    """
    default = _note(name, "bool", default)
    text = _read(name)
    if not text:
        return default
    try:
        return bool(config(name, cast=bool))
    except ValueError:
        raise ValueError(f"{name} must be true or false, not {text!r}.") from None


def read_int(name: str, default: int) -> int:
    """Read a whole number.

    :param name: the environment variable.
    :param default: the value when it is missing or empty.
    :returns: the number.
    :raises ValueError: when the value is no whole number; the message names the variable.
    """
    default = _note(name, "int", default)
    text = _read(name)
    try:
        return int(text) if text else default
    except ValueError:
        raise ValueError(f"{name} must be a whole number, not {text!r}.") from None


def read_float(name: str, default: float) -> float:
    """Read a number.

    :param name: the environment variable.
    :param default: the value when it is missing or empty.
    :returns: the number.
    :raises ValueError: when the value is no number; the message names the variable.
    """
    default = _note(name, "float", default)
    text = _read(name)
    try:
        return float(text) if text else default
    except ValueError:
        raise ValueError(f"{name} must be a number, not {text!r}.") from None


def read_list(name: str) -> list[str]:
    """Read a list, separated by commas.

    :param name: the environment variable.
    :returns: its items; an empty list when it is missing or empty.
    """
    _note(name, "list", [])
    return list(Csv()(_read(name)))
