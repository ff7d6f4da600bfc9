"""Reads what a client says of itself, and where its address lies."""

from functools import lru_cache
from typing import Any

import maxminddb
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from apps.accounts.models.activity import AGENT_LENGTH

UNKNOWN = "Other"


def read_user_agent(request: HttpRequest) -> str:
    """Read the header ``User-Agent``.

    :param request: the request.
    :returns: as much of it as is stored; without characters that no database takes.
    """
    return str(request.META.get("HTTP_USER_AGENT", "")).replace("\0", "")[:AGENT_LENGTH]


def describe_client(user_agent: str) -> dict[str, str]:
    """Read browser, device and operating system from what a client said.

    :param user_agent: the header ``User-Agent``.
    :returns: ``browser``, ``device`` and ``os``; each empty when it is unknown.

    .. testcode::

        from apps.accounts.clients import describe_client

        firefox = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
        print(describe_client(firefox))
        print(describe_client("curl/8.5.0"))

    .. testoutput::

        {'browser': 'Firefox 143.0', 'device': '', 'os': 'Ubuntu'}
        {'browser': 'curl 8.5.0', 'device': '', 'os': ''}
    """
    # Loading its expressions takes a while, which commands that ask nothing need not spend.
    import ua_parser

    found = ua_parser.parse(user_agent)
    return {
        "browser": _join(found.user_agent, "major", "minor", "patch"),
        "device": _join(found.device),
        "os": _join(found.os, "major", "minor"),
    }


def _join(part: Any, *numbers: str) -> str:
    family = getattr(part, "family", None)
    if not family or family == UNKNOWN:
        return ""
    version = ".".join(filter(None, (getattr(part, number) for number in numbers)))
    return f"{family} {version}".strip()[:100]


def find_location(address: str | None) -> str:
    """Find where an address lies.

    :param address: an IP address, or nothing.
    :returns: city and country in English, as far as they are known; an empty text when no database
        is configured, or it does not know the address.
    """
    if not address or not settings.GEOIP_PATH:
        return ""
    found = open_database(settings.GEOIP_PATH).get(address)
    if not isinstance(found, dict):
        return ""
    names = [_read_name(found.get(part)) for part in ("city", "country")]
    return ", ".join(name for name in names if name)[:200]


def _read_name(part: Any) -> str:
    names = part.get("names") if isinstance(part, dict) else None
    return str(names.get("en", "")) if isinstance(names, dict) else ""


@lru_cache(maxsize=1)
def open_database(path: str) -> maxminddb.Reader:
    """Open a MaxMind database; it stays open.

    :param path: the file.
    :returns: its reader.
    :raises django.core.exceptions.ImproperlyConfigured: when there is no such database; the system
        checks ask too, so that the server does not start with it.
    """
    try:
        return maxminddb.open_database(path)
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        raise ImproperlyConfigured(
            f"GEOIP_PATH is {path}, which cannot be read as a MaxMind database: {error}."
        ) from error
