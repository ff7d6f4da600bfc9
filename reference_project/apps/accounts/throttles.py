"""How often tokens are exchanged: counted per user, as a whole office may share one address."""

from typing import Any

from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import TokenBackendError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.state import token_backend

from apps.core.throttles import ScopedRateThrottle


class TokenOwnerThrottle(ScopedRateThrottle):
    """Counts requests that carry a refresh token by its user, all others by network."""

    def get_ident(self, request: Request) -> str:
        """Find whom a request counts for.

        :param request: the request.
        :returns: the user of a token that we signed and that has not expired; else the network.
        """
        # The library says that it decodes an object, and decodes a text.
        token: Any = request.data.get("refresh") if isinstance(request.data, dict) else None
        try:
            owner = token_backend.decode(token)[api_settings.USER_ID_CLAIM]
        except (TokenBackendError, KeyError):
            return super().get_ident(request)
        return f"user-{owner}"
