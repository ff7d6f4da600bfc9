"""Settings for a public server; they refuse to load when a value would leave it open."""

from django.core.exceptions import ImproperlyConfigured

from cookiecutter.settings.environment import is_set, prefer, read_bool, read_int

# Before base reads them. A connection to the database serves the requests of a minute.
prefer(DATABASE_CONN_MAX_AGE=60, LOG_FORMAT="json")

from cookiecutter.settings.base import *  # noqa: E402
from cookiecutter.settings.safety import find_unsafe_settings, is_default_database  # noqa: E402

if _unsafe := find_unsafe_settings(
    SECRET_KEY,
    ALLOWED_HOSTS,
    debug=DEBUG or read_bool("DEBUG"),
    default_database=is_default_database(DATABASES["default"]) and not is_set("DATABASE_URL"),
    origins=CSRF_TRUSTED_ORIGINS,
):
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

# Static files come from the process itself, compressed, under names that change with their content.
MIDDLEWARE.insert(
    MIDDLEWARE.index("django.middleware.security.SecurityMiddleware") + 1,
    "whitenoise.middleware.WhiteNoiseMiddleware",
)
STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
