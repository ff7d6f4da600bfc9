"""Turns a database URL into an entry of ``DATABASES``, with the options each vendor needs."""

from pathlib import Path
from typing import Any

import dj_database_url

from cookiecutter.settings.environment import BASE_DIR

dj_database_url.register("mariadb", "django.db.backends.mysql")

VENDOR_OPTIONS: dict[str, dict[str, Any]] = {
    # Without these, concurrent writers soon meet "database is locked": a transaction that starts
    # by reading cannot wait for the write lock it asks for later.
    "django.db.backends.sqlite3": {"transaction_mode": "IMMEDIATE", "timeout": 20},
    # A server that is gone without a word is noticed within seconds, not within hours: while one
    # connects, asks something, and waits for the answer.
    "django.db.backends.postgresql": {
        "connect_timeout": 5,
        "tcp_user_timeout": 30_000,
        "keepalives_idle": 15,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    },
    # Strict, so that a value that does not fit is refused rather than cut.
    "django.db.backends.mysql": {
        "connect_timeout": 5,
        "charset": "utf8mb4",
        "init_command": "SET sql_mode='STRICT_TRANS_TABLES'",
    },
}


def read_database(url: str, conn_max_age: int = 0) -> dict[str, Any]:
    """Read a database URL.

    :param url: for example ``postgres://user:password@host:5432/name``,
        ``mysql://user:password@host:3306/name`` or ``sqlite:///file.sqlite3``.
    :param conn_max_age: for how many seconds a connection may be used again.
    :returns: the entry for ``DATABASES``, each request in its own transaction.
    :raises ValueError: when the URL cannot be read or its scheme is unknown.
    """
    database: dict[str, Any] = {
        **dj_database_url.parse(url, conn_max_age=conn_max_age, conn_health_checks=True)
    }
    options = VENDOR_OPTIONS.get(database["ENGINE"], {})
    database["OPTIONS"] = {**options, **database.get("OPTIONS", {})}
    database["ATOMIC_REQUESTS"] = True
    if database["ENGINE"] == "django.db.backends.mysql":
        database["TEST"] = {"CHARSET": "utf8mb4"}
    if database["ENGINE"] == "django.db.backends.sqlite3" and database["NAME"] != ":memory:":
        # A worker started in another folder must find the same file.
        database["NAME"] = str(BASE_DIR / Path(database["NAME"]))
    return database
