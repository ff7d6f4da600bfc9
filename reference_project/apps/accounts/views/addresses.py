"""Changing one's e-mail address over HTTP."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.address_changes import confirm_change, request_change
from apps.accounts.authentication import read_user
from apps.accounts.serializers import (
    AddressChangeSerializer,
    DetailSerializer,
    MailedTokenSerializer,
)
from apps.accounts.views.passwords import REFUSED
from apps.accounts.views.registration import PublicView


class AddressView(GenericAPIView):
    """Begins to change one's address."""

    serializer_class = AddressChangeSerializer
    throttle_scope = "account"

    @extend_schema(responses={202: DetailSerializer})
    def post(self, request: Request) -> Response:
        """Ask for another address; it holds once you confirm it by the token mailed there."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        request_change(read_user(request), serializer.validated_data["email"])
        detail = "If this address can become yours, a token was sent to it."
        return Response({"detail": detail}, status=status.HTTP_202_ACCEPTED)


class AddressConfirmView(PublicView):
    """Ends the change of an address."""

    serializer_class = MailedTokenSerializer
    throttle_scope = "verify"

    @extend_schema(responses={200: DetailSerializer})
    def post(self, request: Request) -> Response:
        """Confirm a new address by the token that was mailed to it."""
        if not confirm_change(**self.read(request)):
            raise serializers.ValidationError({"token": [REFUSED]})
        return Response({"detail": "The address is changed. Log in with it from now on."})
