"""Core's part of the API."""

from django.urls import path

from apps.core.views.tasks import TaskDetailView, TaskListView, TaskRetryView

app_name = "core"
urlpatterns = [
    path("tasks/", TaskListView.as_view(), name="task-list"),
    path("tasks/<int:pk>/", TaskDetailView.as_view(), name="task-detail"),
    path("tasks/<int:pk>/retry/", TaskRetryView.as_view(), name="task-retry"),
]
