"""Reads how many processes serve requests, and which cache they share."""

import os
from typing import Any

from cookiecutter.settings.environment import read_int, read_text

SCHEMES = ("redis://", "rediss://", "unix://")
SECONDS = 2


def read_caches() -> dict[str, Any]:
    """Read the cache: a Redis server, or without one the memory of each process.

    :returns: ``CACHES``.
    :raises ValueError: when the address is not one of Redis.
    """
    cache, redis = read_text("CACHE_URL"), read_text("REDIS_URL")
    url = cache or redis
    if not url:
        return {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    if not url.startswith(SCHEMES):
        # The address may hold a password.
        name = "CACHE_URL" if cache else "REDIS_URL"
        raise ValueError(f"{name} must begin with one of {', '.join(SCHEMES)}.")
    return {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": url,
            "KEY_PREFIX": "cookiecutter",
            # A server that hangs must not hold every request.
            "OPTIONS": {"socket_connect_timeout": SECONDS, "socket_timeout": SECONDS},
        },
    }


def count_workers(caches: dict[str, Any]) -> int:
    """Count the processes that gunicorn starts.

    :param caches: ``CACHES``. Without a cache that processes share, throttles would count in each
        of them separately, so there is one process unless the environment asks for more.
    :returns: the number of processes.
    """
    shared = not caches["default"]["BACKEND"].endswith("LocMemCache")
    return read_int("WEB_CONCURRENCY", 0) or ((os.cpu_count() or 1) + 1 if shared else 1)
