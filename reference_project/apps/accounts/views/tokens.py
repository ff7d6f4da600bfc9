"""Tokens over HTTP: Simple JWT's views with a throttle of their own."""

from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from apps.accounts.serializers import RefreshSerializer


class TokenView(TokenObtainPairView):
    """Gives tokens for an address and its password."""

    throttle_scope = "token"


class RefreshView(TokenRefreshView):
    """Gives a new access token for a refresh token."""

    serializer_class = RefreshSerializer

    throttle_scope = "token"
