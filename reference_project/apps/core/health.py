"""Asks what this project depends on whether it is there: servers, tables, the store of files."""

import logging
from collections.abc import Callable
from functools import cache
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.cache import cache as shared_cache
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

logger = logging.getLogger(__name__)

TIMEOUT = 3


def ask_database() -> None:
    """Run the smallest query there is.

    :raises django.db.Error: when the database does not answer.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def ask_broker() -> None:
    """Open a connection to the broker, once.

    :raises Exception: when the broker does not answer; which one depends on the broker.
    """
    # Other transports hand unknown options to their driver, which refuses them.
    redis = settings.CELERY_BROKER_URL.startswith("redis")
    options = {"socket_connect_timeout": TIMEOUT, "socket_timeout": TIMEOUT} if redis else {}
    with current_app.connection_for_read(
        connect_timeout=TIMEOUT, transport_options=options
    ) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=TIMEOUT)
        # Redis is asked nothing before the first channel.
        channel: Any = broker.default_channel
        channel.close()


def ask_cache() -> None:
    """Read from the cache, without which no limit of requests can be counted.

    :raises Exception: when it does not answer within the time limits of ``CACHES``.
    """
    shared_cache.get("health")


def ask_storage() -> None:
    """Look whether files could be stored.

    :raises Exception: when they could not; which one depends on the storage.
    """
    if (ping := getattr(default_storage, "ping", None)) is not None:
        ping()
    else:
        default_storage.exists("health")


@cache
def ask_migrations() -> None:
    """Look whether the database has the tables that this code expects.

    Once it has, it is not asked again: neither the code nor its tables change while it runs.

    :raises RuntimeError: when migrations are missing; the message names the first.
    :raises django.db.Error: when the database does not answer.
    """
    executor = MigrationExecutor(connection)
    if plan := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError(f"{len(plan)} migrations were not applied, the first is {plan[0][0]}.")


def list_parts() -> dict[str, Callable[[], None]]:
    """List what the project depends on under the settings in force.

    :returns: the question for each part, by the part's name.
    """
    parts: dict[str, Callable[[], None]] = {
        "database": ask_database,
        "migrations": ask_migrations,
        "cache": ask_cache,
        "storage": ask_storage,
    }
    if not settings.CELERY_TASK_ALWAYS_EAGER:
        parts["broker"] = ask_broker
    return parts


def ask_parts() -> dict[str, bool]:
    """Ask every part whether it answers; what does not is logged.

    :returns: whether each part answered, by the part's name.
    """
    answers = {}
    for name, ask in list_parts().items():
        try:
            ask()
        except Exception:
            logger.exception("not ready: %s", name)
            answers[name] = False
        else:
            answers[name] = True
    return answers
