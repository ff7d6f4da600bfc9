"""The view of one's own account, and the way to a token."""

from apps.accounts.serializers import MeSerializer
from django.urls import path
from rest_framework.generics import RetrieveAPIView
from rest_framework_simplejwt.views import TokenObtainPairView


class MeView(RetrieveAPIView):
    """Shows one's own account."""

    serializer_class = MeSerializer

    def get_object(self):
        """Return who asks."""
        return self.request.user


urlpatterns = [
    path("api/v1/accounts/me/", MeView.as_view()),
    path("api/v1/accounts/token/", TokenObtainPairView.as_view()),
]
