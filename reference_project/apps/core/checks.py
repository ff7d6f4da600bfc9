"""System checks: of the database before ``migrate``, of the cache, of mail, of metrics."""

import ipaddress
from collections.abc import Sequence
from typing import Any

from django import VERSION
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Complaint
from django.db import connections

from apps.core.addresses import UNIX


@register(Tags.database)
def check_character_set(
    databases: Sequence[str] | None = None, **_options: Any
) -> list[CheckMessage]:
    """Check that a MariaDB or MySQL database can hold any text.

    :param databases: the aliases to check; without any, nothing is checked.
    :returns: one error for each database whose tables would not be made in ``utf8mb4``.
    """
    errors: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor != "mysql":
            continue
        with connection.cursor() as cursor:
            cursor.execute("SELECT @@character_set_database")
            (character_set,) = cursor.fetchone()
        if character_set != "utf8mb4":
            name = connection.settings_dict["NAME"]
            errors.append(
                Error(
                    f"The database {name!r} keeps its text as {character_set}, which cannot hold "
                    "every name.",
                    hint=f"Before the first migration: ALTER DATABASE `{name}` CHARACTER SET "
                    "utf8mb4;",
                    id="core.E001",
                )
            )
    return errors


@register(Tags.caches)
def check_shared_cache(app_configs: Any = None, **_options: Any) -> list[CheckMessage]:
    """Check that processes which serve the same visitors count their requests together.

    :param app_configs: not looked at.
    :returns: one warning when several processes have a cache each.
    """
    workers = settings.WEB_CONCURRENCY
    backend = settings.CACHES["default"]["BACKEND"]
    if settings.DEBUG or workers < 2 or not backend.endswith("LocMemCache"):
        return []
    return [
        Complaint(
            f"{workers} processes have a cache each, so every limit of requests is {workers} times "
            "what the settings say.",
            hint="Set CACHE_URL to a Redis server, or WEB_CONCURRENCY to 1.",
            id="core.W001",
        )
    ]


@register(Tags.security, deploy=True)
def check_mail(app_configs: Any = None, **_options: Any) -> list[CheckMessage]:
    """Check that mails leave the house.

    :param app_configs: not looked at.
    :returns: one warning when they are printed to the console. Django 6.1 has its own, mail.E001.
    """
    backend = getattr(settings, "EMAIL_BACKEND", "") if VERSION < (6, 1) else ""
    if not backend.endswith("console.EmailBackend"):
        return []
    return [
        Complaint(
            "Mails are printed to the console of the process, so nobody gets the code that "
            "registering takes.",
            hint="Set EMAIL_HOST to a server that sends mails.",
            id="core.W002",
        )
    ]


@register(Tags.security)
def check_trusted_proxies(app_configs: Any = None, **_options: Any) -> list[CheckMessage]:
    """Check that every trusted proxy is an address or a network.

    :param app_configs: not looked at.
    :returns: one error for each that is neither.
    """
    errors: list[CheckMessage] = []
    for proxy in settings.TRUSTED_PROXIES:
        try:
            if proxy != UNIX:
                ipaddress.ip_network(proxy, strict=False)
        except ValueError:
            errors.append(
                Error(
                    f"TRUSTED_PROXIES holds {proxy!r}, which is no address and no network.",
                    hint="Write it like 10.0.0.1 or 10.0.0.0/8, or unix for a Unix socket.",
                    id="core.E003",
                )
            )
    return errors


@register()
def check_worker_metrics(app_configs: Any = None, **_options: Any) -> list[CheckMessage]:
    """Check that what a Celery worker would serve is what its processes counted.

    :param app_configs: not looked at.
    :returns: one error when they have no folder to add it up in.
    """
    metrics = settings.METRICS
    if not metrics.enabled or not metrics.worker_address or metrics.folder:
        return []
    return [
        Error(
            "METRICS_WORKER_ADDRESS is set, but tasks run and are counted in other processes than "
            "the one that answers there.",
            hint="Set PROMETHEUS_MULTIPROC_DIR to an empty folder of this worker.",
            id="core.E002",
        )
    ]
