"""Reads where uploaded files lie: a bucket on S3, or without one a folder of this machine."""

from typing import Any

from cookiecutter.settings.environment import BASE_DIR, read_bool, read_int, read_text

BACKENDS = "cookiecutter.storagebackend.backend"


def read_media_root() -> str:
    """Read the folder of uploaded files.

    :returns: its path; a relative one is meant from the folder of ``manage.py``.
    """
    return str(BASE_DIR / read_text("MEDIA_ROOT", "media"))


def read_storages() -> dict[str, Any]:
    """Read the storages.

    :returns: ``STORAGES``: private ones for uploaded files, Django's own for static files.
    """
    endpoint = read_text("AWS_ENDPOINT_URL")
    options = {
        "bucket_name": read_text("AWS_STORAGE_BUCKET_NAME"),
        "region_name": read_text("AWS_S3_REGION_NAME") or None,
        "endpoint_url": endpoint or None,
        # Without them, boto3 asks where it runs: a profile, a role of the machine or container.
        "access_key": read_text("AWS_ACCESS_KEY_ID") or None,
        "secret_key": read_text("AWS_SECRET_ACCESS_KEY") or None,
        "security_token": read_text("AWS_SESSION_TOKEN") or None,
        # A server of one's own has a name, but none for each bucket.
        "addressing_style": "path" if endpoint else "auto",
        "querystring_expire": read_int("S3_LINK_SECONDS", 300),
        "create_bucket": read_bool("S3_CREATE_BUCKET"),
    }
    default: dict[str, Any] = {"BACKEND": f"{BACKENDS}.PrivateFileStorage"}
    if options["bucket_name"]:
        default = {"BACKEND": f"{BACKENDS}.CustomS3Storage", "OPTIONS": options}
    return {
        "default": default,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
