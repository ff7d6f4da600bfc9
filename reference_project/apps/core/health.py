"""Asks the servers this project depends on whether they answer."""

import logging
from collections.abc import Callable

from celery import current_app
from django.conf import settings
from django.db import connection

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
        broker.default_channel.close()


def list_parts() -> dict[str, Callable[[], None]]:
    """List what the project depends on under the settings in force.

    :returns: the question for each part, by the part's name.
    """
    parts: dict[str, Callable[[], None]] = {"database": ask_database}
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
            logger.exception("the %s does not answer", name)
            answers[name] = False
        else:
            answers[name] = True
    return answers
