"""What is remembered of people, over HTTP: everybody sees their own."""

from django.db.models import QuerySet
from rest_framework.generics import ListAPIView

from apps.accounts.models import LoginHistoryTrail, UserVisitHistory
from apps.accounts.serializers import LoginSerializer, VisitSerializer


class LoginsView(ListAPIView):
    """Lists the tries to log in to one's account, the latest first."""

    serializer_class = LoginSerializer
    queryset = LoginHistoryTrail.objects.all()

    def get_queryset(self) -> QuerySet[LoginHistoryTrail]:
        """Find the tries that may be seen.

        :returns: those of the user who asks.
        """
        return super().get_queryset().filter(user=self.request.user.pk)


class VisitsView(ListAPIView):
    """Lists one's visits, the latest first."""

    serializer_class = VisitSerializer
    queryset = UserVisitHistory.objects.all()

    def get_queryset(self) -> QuerySet[UserVisitHistory]:
        """Find the visits that may be seen.

        :returns: those of the user who asks.
        """
        return super().get_queryset().filter(user=self.request.user.pk)
