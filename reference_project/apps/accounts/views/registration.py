"""Registration over HTTP: every answer is the same whether or not the address is known."""

from django.db import transaction
from django.utils.decorators import method_decorator
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.serializers import (
    AddressSerializer,
    DetailSerializer,
    RegistrationSerializer,
    VerificationSerializer,
)
from apps.accounts.services import (
    PasswordNeeded,
    register_user,
    send_new_code,
    verify_address,
)

CODE_SENT = "If this address can be verified, a code was sent to it."
SEVERAL = (
    "This address was registered more than once, perhaps not only by you. "
    "Send your password along with the code."
)


class PublicView(GenericAPIView):
    """A view for people who cannot log in yet."""

    authentication_classes = ()
    permission_classes = ()

    def read(self, request: Request) -> dict[str, str]:
        """Read and check the request's body.

        :param request: the request.
        :returns: its checked values.
        :raises rest_framework.exceptions.ValidationError: when a value is not accepted.
        """
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data


class RegisterView(PublicView):
    """Registers an address and mails a code to it."""

    serializer_class = RegistrationSerializer
    throttle_scope = "register"

    @extend_schema(responses={202: DetailSerializer})
    def post(self, request: Request) -> Response:
        """Register an address; a code is mailed to it."""
        register_user(**self.read(request))
        return Response({"detail": CODE_SENT}, status=status.HTTP_202_ACCEPTED)


class CodeView(PublicView):
    """Mails a new code."""

    serializer_class = AddressSerializer
    throttle_scope = "otp"

    @extend_schema(responses={202: DetailSerializer})
    def post(self, request: Request) -> Response:
        """Ask for a new code; the one before ends."""
        send_new_code(**self.read(request))
        return Response({"detail": CODE_SENT}, status=status.HTTP_202_ACCEPTED)


# The count of wrong tries has to stay although the answer is an error, whose handler rolls back.
@method_decorator(transaction.non_atomic_requests, name="dispatch")
class VerifyView(PublicView):
    """Verifies an address by its code."""

    serializer_class = VerificationSerializer
    throttle_scope = "verify"

    @extend_schema(responses={200: DetailSerializer})
    def post(self, request: Request) -> Response:
        """Verify an address by the code that was sent to it, best together with your password."""
        try:
            verified = verify_address(**self.read(request))
        except PasswordNeeded:
            raise serializers.ValidationError({"password": [SEVERAL]}) from None
        if not verified:
            raise serializers.ValidationError(
                {"code": ["This code is wrong, or no longer good. Ask for a new one."]}
            )
        return Response({"detail": "The address is verified. You can log in now."})

    def handle_exception(self, exc: Exception) -> Response:
        """Answer an error, giving its handler an empty transaction to roll back.

        :param exc: what was raised.
        :returns: the answer.
        """
        with transaction.atomic():
            return super().handle_exception(exc)
