"""Settings for the tests: the configured database, and nothing else outside the process."""

import copy
import os
import tempfile
from pathlib import Path
from typing import cast

from cookiecutter.settings.base import *

SECRET_KEY = "insecure-test-key-that-signs-nothing-anyone-would-want"  # noqa: S105
ALLOWED_HOSTS = ["testserver"]
INSTALLED_APPS = [*INSTALLED_APPS, "tests.tracked"]

# The runner writes the test database's name into this; base keeps what was configured.
DATABASES = copy.deepcopy(DATABASES)
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, because threads that share a database in memory cannot wait for each other's locks.
    DATABASES["default"].setdefault("TEST", {})["NAME"] = str(
        Path(tempfile.gettempdir()) / f"cookiecutter-test-{os.getpid()}.sqlite3"
    )
    # Nobody needs the tests' rows after a loss of power, so no commit waits for the disk.
    DATABASES["default"].setdefault("OPTIONS", {})["init_command"] = "PRAGMA synchronous=OFF"

MEDIA_ROOT = str(Path(tempfile.gettempdir()) / f"cookiecutter-test-{os.getpid()}-media")

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Celery itself believes these variables more than its settings.
os.environ.pop("CELERY_BROKER_URL", None)
os.environ.pop("CELERY_RESULT_BACKEND", None)
CELERY_BROKER_URL = "memory://localhost/"
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES = {
    **STORAGES,
    "default": {"BACKEND": "cookiecutter.storagebackend.backend.PrivateFileStorage"},
}
OTP_MAX_CODES_PER_HOUR = 5
OTP_MAX_TRIES_PER_HOUR = 15
OTP_MAX_TRIES_PER_DAY = 30
REST_FRAMEWORK = {
    **REST_FRAMEWORK,
    "DEFAULT_THROTTLE_RATES": dict.fromkeys(
        cast(dict[str, str], REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"])
    ),
}
