"""Passwords over HTTP: change the one you know, replace the one you have forgotten."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.tokens import RefreshToken

from apps.accounts.authentication import read_user
from apps.accounts.mailed_tokens import find_user_of_reset
from apps.accounts.passwords import change_password, request_reset, reset_password
from apps.accounts.serializers import (
    AddressSerializer,
    DetailSerializer,
    PasswordChangeSerializer,
    PasswordResetSerializer,
    TokenPairSerializer,
    check_password,
)
from apps.accounts.views.registration import PublicView

SENT = "If somebody has this address, a token was sent to it."
REFUSED = "This token is wrong, or no longer good. Ask for a new one."


class PasswordView(GenericAPIView):
    """Changes one's password."""

    serializer_class = PasswordChangeSerializer
    throttle_scope = "account"

    @extend_schema(responses={200: TokenPairSerializer})
    def post(self, request: Request) -> Response:
        """Change your password. All tokens end; the answer holds new ones."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = read_user(request)
        change_password(user, serializer.validated_data["new_password"])
        token = RefreshToken.for_user(user)
        return Response({"access": str(token.access_token), "refresh": str(token)})


class PasswordResetView(PublicView):
    """Mails a token with which a forgotten password can be replaced."""

    serializer_class = AddressSerializer
    throttle_scope = "reset"

    @extend_schema(responses={202: DetailSerializer})
    def post(self, request: Request) -> Response:
        """Ask for a token that sets a new password; it is mailed."""
        request_reset(**self.read(request))
        return Response({"detail": SENT}, status=status.HTTP_202_ACCEPTED)


class PasswordResetConfirmView(PublicView):
    """Sets a new password."""

    serializer_class = PasswordResetSerializer
    throttle_scope = "reset"

    @extend_schema(responses={200: DetailSerializer})
    def post(self, request: Request) -> Response:
        """Set a new password with the token that was mailed to you. All other tokens end."""
        sent = self.read(request)
        user = find_user_of_reset(sent["token"])
        if user is None:
            raise serializers.ValidationError({"token": [REFUSED]})
        check_password(sent["password"], user, "password")
        reset_password(user, sent["password"])
        return Response({"detail": "The password is set. You can log in now."})
