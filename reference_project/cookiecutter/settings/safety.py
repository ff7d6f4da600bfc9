"""Finds values that would leave a public server open."""

from collections.abc import Sequence
from typing import Any

from cookiecutter.settings.environment import BASE_DIR


def is_default_database(database: dict[str, Any]) -> bool:
    """Say whether a database is the file that is used when none is named.

    :param database: an entry of ``DATABASES``.
    :returns: whether it is that file, beside ``manage.py``.
    """
    return str(database["NAME"]) == str(BASE_DIR / "db.sqlite3")


def find_unsafe_settings(
    secret_key: str,
    allowed_hosts: Sequence[str],
    *,
    debug: bool = False,
    default_database: bool = False,
    origins: Sequence[str] = (),
) -> list[str]:
    """Find the values that no public server may run with.

    :param secret_key: the key that signs sessions and tokens.
    :param allowed_hosts: the host names that this server answers to.
    :param debug: whether errors show the code and its values to visitors.
    :param default_database: whether the database is one that nobody chose.
    :param origins: the origins whose forms are accepted besides those of the hosts.
    :returns: one sentence for each, saying what to do; an empty list when all is well.
    """
    found = []
    command = 'python -c "import secrets; print(secrets.token_urlsafe(64))"'
    if not secret_key:
        found.append(f"SECRET_KEY is not set. Make one with: {command}")
    elif "insecure" in secret_key or "change-me" in secret_key:
        found.append(f"SECRET_KEY is an example that everyone knows. Make one with: {command}")
    elif len(secret_key) < 50 or len(set(secret_key)) < 5:
        found.append(
            "SECRET_KEY is easy to guess: it needs 50 characters, 5 of them different. "
            f"Make one with: {command}"
        )
    if not allowed_hosts:
        found.append("ALLOWED_HOSTS is not set. List this server's names, separated by commas.")
    elif "*" in allowed_hosts:
        found.append("ALLOWED_HOSTS is *, which answers to any name. List this server's names.")
    if any(origin.partition("://")[2] == "*" for origin in origins):
        found.append("CSRF_TRUSTED_ORIGINS holds *, any site. List the origins that you trust.")
    if debug:
        found.append("DEBUG is on, which shows code and values to visitors. Unset it.")
    if default_database:
        found.append(
            "DATABASE_URL is not set, so the data would lie in a file that the next deployment may "
            "replace. Name a server; or that file, if it is meant: sqlite:///db.sqlite3"
        )
    return found
