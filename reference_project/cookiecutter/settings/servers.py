"""Reads how Celery reaches its broker and its store of results, beyond their addresses."""

import ssl
from typing import Any

# For so long a server may keep silent.
SECONDS = 5


def require_certificate(url: str | None) -> dict[str, Any] | None:
    """Have the certificate of a server behind ``rediss://`` checked; kombu by itself would not.

    :param url: the server's address; what it says of ``ssl_cert_reqs`` itself wins.
    :returns: the value of ``broker_use_ssl``, or None where TLS is not spoken.
    """
    return {"ssl_cert_reqs": ssl.CERT_REQUIRED} if (url or "").startswith("rediss:") else None


def limit_waiting(url: str) -> dict[str, Any]:
    """Have nobody wait for a broker on Redis that does not answer; by itself, kombu waits for ever.

    A worker that waits for tasks asks for one second at a time, which is well below the limit.

    :param url: the broker's address; those of other kinds have limits of their own.
    :returns: members of ``broker_transport_options``.
    """
    if not url.startswith(("redis:", "rediss:")):
        return {}
    return {
        "socket_connect_timeout": SECONDS,
        "socket_timeout": SECONDS,
        "socket_keepalive": True,
    }
