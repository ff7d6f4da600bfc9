"""Tokens over HTTP: Simple JWT's views with a throttle of their own."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException, Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.views import (
    TokenBlacklistView,
    TokenObtainPairView,
    TokenRefreshView,
)

from apps.accounts.authentication import WAIT
from apps.accounts.refreshing import RefreshSerializer
from apps.accounts.throttles import TokenOwnerThrottle
from apps.core.throttles import AnonRateThrottle


class TokenView(TokenObtainPairView):
    """Gives tokens for an address and its password."""

    throttle_scope = "token"

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Give a pair of tokens for an address and its password."""
        try:
            return super().post(request, *args, **kwargs)
        except APIException:
            if seconds := getattr(request, WAIT, 0):
                raise Throttled(seconds) from None
            raise


class RefreshView(TokenRefreshView):
    """Gives a new access token for a refresh token."""

    serializer_class = RefreshSerializer
    throttle_classes = (AnonRateThrottle, TokenOwnerThrottle)
    throttle_scope = "refresh"


class RevokeView(TokenBlacklistView):
    """Ends a refresh token: what somebody does who logs out."""

    throttle_classes = (AnonRateThrottle, TokenOwnerThrottle)
    throttle_scope = "refresh"

    @extend_schema(responses={204: None})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """End a refresh token. Its access tokens open the API until they expire."""
        super().post(request, *args, **kwargs)
        return Response(status=status.HTTP_204_NO_CONTENT)
