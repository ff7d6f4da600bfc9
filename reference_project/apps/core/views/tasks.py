"""Tasks over HTTP: staff may look."""

from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.permissions import IsAdminUser

from apps.core.models import Task
from apps.core.serializers import TaskSerializer


class TaskListView(ListAPIView):
    """Lists tasks, the latest first; for staff only."""

    queryset = Task.objects.all()
    serializer_class = TaskSerializer
    permission_classes = (IsAdminUser,)


class TaskDetailView(RetrieveAPIView):
    """Shows one task; for staff only."""

    queryset = Task.objects.all()
    serializer_class = TaskSerializer
    permission_classes = (IsAdminUser,)
