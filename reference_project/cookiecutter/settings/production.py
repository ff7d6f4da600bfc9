"""Settings for a public server; they refuse to load when a value would leave it open."""

from django.core.exceptions import ImproperlyConfigured

from cookiecutter.settings.base import *
from cookiecutter.settings.environment import read_bool, read_int


def find_unsafe_settings(secret_key: str, allowed_hosts: list[str]) -> list[str]:
    """Find the values that no public server may run with.

    :param secret_key: the key that signs sessions and tokens.
    :param allowed_hosts: the host names that this server answers to.
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
    return found


if _unsafe := find_unsafe_settings(SECRET_KEY, ALLOWED_HOSTS):
    raise ImproperlyConfigured(
        "The production settings refuse to start:\n" + "\n".join(f"- {line}" for line in _unsafe)
    )

SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = read_bool("SECURE_SSL_REDIRECT", True)
# Probes reach the process directly and speak plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = read_int("SECURE_HSTS_SECONDS", 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = read_bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", True)
SECURE_HSTS_PRELOAD = read_bool("SECURE_HSTS_PRELOAD", True)

# Believed only on request: without such a proxy, anyone could send this header.
if read_bool("BEHIND_TLS_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
