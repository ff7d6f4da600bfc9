"""Tasks over HTTP: staff may look, and have failed ones done again."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.models import IllegalTransition, Task
from apps.core.outbox import retry_task
from apps.core.serializers import TaskFilterSerializer, TaskSerializer


class Conflict(APIException):
    """What was asked for does not fit the state that the thing is in."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "This is not possible now."
    default_code = "conflict"


class TaskListView(ListAPIView):
    """Lists tasks, the latest first; for staff only."""

    queryset = Task.objects.all()
    serializer_class = TaskSerializer
    permission_classes = (IsAdminUser,)

    @extend_schema(parameters=[TaskFilterSerializer])
    def get(self, request: Request) -> Response:
        """List tasks, the latest first; for staff only."""
        return self.list(request)

    def filter_queryset(self, queryset: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
        """Narrow the list down to one status, if the request names one.

        :param queryset: all tasks.
        :returns: those to list.
        :raises rest_framework.exceptions.ValidationError: when there is no such status.
        """
        wanted = TaskFilterSerializer(data=self.request.query_params)
        wanted.is_valid(raise_exception=True)
        return queryset.filter(**wanted.validated_data)


class TaskDetailView(RetrieveAPIView):
    """Shows one task; for staff only."""

    queryset = Task.objects.all()
    serializer_class = TaskSerializer
    permission_classes = (IsAdminUser,)


class TaskRetryView(GenericAPIView):
    """Has a failed task done again; for staff only."""

    queryset = Task.objects.all()
    serializer_class = TaskSerializer
    permission_classes = (IsAdminUser,)

    @extend_schema(request=None, responses={202: TaskSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Have a failed task done again; for staff only."""
        task = self.get_object()
        try:
            retry_task(task)
        except IllegalTransition as error:
            raise Conflict(str(error)) from error
        return Response(self.get_serializer(task).data, status=status.HTTP_202_ACCEPTED)
