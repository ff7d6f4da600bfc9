"""Reads settings from the environment, else from ``.env`` beside ``manage.py``."""

from pathlib import Path

from decouple import Config, Csv, RepositoryEmpty, RepositoryEnv

BASE_DIR = Path(__file__).resolve().parents[2]

_env_file = BASE_DIR / ".env"
# decouple's own look-up climbs to the root of the disk, and would believe a stranger's .env.
config = Config(RepositoryEnv(str(_env_file)) if _env_file.is_file() else RepositoryEmpty())

__all__ = ["BASE_DIR", "config", "read_bool", "read_int", "read_list", "read_text"]


def read_text(name: str, default: str = "") -> str:
    """Read a text; a variable that is set but empty counts as not set.

    :param name: the environment variable.
    :param default: the value when it is missing or empty.
    :returns: the value without surrounding blanks.
    """
    return config(name, default="").strip() or default


def read_bool(name: str, default: bool = False) -> bool:
    """Read a switch: ``true``/``false``, ``yes``/``no``, ``on``/``off`` or ``1``/``0``.

    :param name: the environment variable.
    :param default: the value when it is missing or empty.
    :returns: the switch.
    :raises ValueError: when the value is none of these words.
    """
    return config(name, default=default, cast=bool) if read_text(name) else default


def read_int(name: str, default: int) -> int:
    """Read a whole number.

    :param name: the environment variable.
    :param default: the value when it is missing or empty.
    :returns: the number.
    :raises ValueError: when the value is no whole number; the message names the variable.
    """
    text = read_text(name, str(default))
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{name} must be a whole number, not {text!r}.") from None


def read_list(name: str) -> list[str]:
    """Read a list, separated by commas.

    :param name: the environment variable.
    :returns: its items; an empty list when it is missing or empty.
    """
    return Csv()(read_text(name))
