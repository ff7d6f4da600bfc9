"""One's own account over HTTP."""

from rest_framework.generics import RetrieveUpdateAPIView

from apps.accounts.models import CustomUser
from apps.accounts.serializers import MeSerializer


class MeView(RetrieveUpdateAPIView):
    """Shows one's own account, and changes names and phone number."""

    serializer_class = MeSerializer
    http_method_names = ("get", "patch", "head", "options")

    def get_object(self) -> CustomUser:
        """Find the account.

        :returns: the user who asks.
        """
        return self.request.user
