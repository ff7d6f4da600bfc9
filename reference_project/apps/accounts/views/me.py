"""One's own account over HTTP: to look at, to change, to take along, to delete."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView, RetrieveUpdateAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.authentication import read_user
from apps.accounts.models import CustomUser
from apps.accounts.personal import delete_account, export_personal_data
from apps.accounts.serializers import ConfirmedSerializer, MeSerializer


@extend_schema_view(
    get=extend_schema(description="Look at your account."),
    patch=extend_schema(description="Change your names, your phone number, and what is recorded."),
)
class MeView(RetrieveUpdateAPIView):
    """Shows one's own account, and changes names and phone number."""

    serializer_class = MeSerializer
    http_method_names = ("get", "patch", "head", "options")

    def get_object(self) -> CustomUser:
        """Find the account.

        :returns: the user who asks.
        """
        return read_user(self.request)


class ExportView(APIView):
    """Hands out everything that is kept of whoever asks."""

    throttle_scope = "export"

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request) -> Response:
        """Take along everything that is kept of you."""
        disposition = 'attachment; filename="account.json"'
        data = export_personal_data(read_user(request))
        return Response(data, headers={"Content-Disposition": disposition})


class DeletionView(GenericAPIView):
    """Deletes the account of whoever asks."""

    serializer_class = ConfirmedSerializer
    throttle_scope = "account"

    @extend_schema(responses={204: None})
    def post(self, request: Request) -> Response:
        """Delete your account and everything that is kept of you, for good."""
        user = read_user(request)
        if user.is_superuser:
            raise PermissionDenied("An administrator's account is deleted in the admin site only.")
        self.get_serializer(data=request.data).is_valid(raise_exception=True)
        delete_account(user)
        return Response(status=status.HTTP_204_NO_CONTENT)
