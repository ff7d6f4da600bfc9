"""System checks of what operators configure about people."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from apps.accounts.clients import open_database


@register()
def check_geoip_database(app_configs: Any = None, **_options: Any) -> list[CheckMessage]:
    """Check that the database of places can be read.

    :param app_configs: not looked at.
    :returns: one error when one is configured that cannot.
    """
    if not settings.GEOIP_PATH:
        return []
    try:
        open_database(settings.GEOIP_PATH)
    except ImproperlyConfigured as error:
        return [
            Error(
                str(error),
                hint="Name the .mmdb file, or unset GEOIP_PATH: places then stay empty.",
                id="accounts.E001",
            )
        ]
    return []
