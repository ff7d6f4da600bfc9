"""Reads how Celery reaches its broker and its store of results, beyond their addresses."""

import ssl
from typing import Any


def require_certificate(url: str | None) -> dict[str, Any] | None:
    """Have the certificate of a server behind ``rediss://`` checked; kombu by itself would not.

    :param url: the server's address; what it says of ``ssl_cert_reqs`` itself wins.
    :returns: the value of ``broker_use_ssl``, or None where TLS is not spoken.
    """
    return {"ssl_cert_reqs": ssl.CERT_REQUIRED} if (url or "").startswith("rediss:") else None
