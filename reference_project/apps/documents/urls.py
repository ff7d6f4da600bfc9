"""The documents' part of the API."""

from django.urls import path

from apps.documents.views.documents import (
    DocumentDetailView,
    DocumentDownloadView,
    DocumentHistoryView,
    DocumentListView,
)

app_name = "documents"
urlpatterns = [
    path("documents/", DocumentListView.as_view(), name="document-list"),
    path("documents/<int:pk>/", DocumentDetailView.as_view(), name="document-detail"),
    path("documents/<int:pk>/download/", DocumentDownloadView.as_view(), name="document-download"),
    path("documents/<int:pk>/history/", DocumentHistoryView.as_view(), name="document-history"),
]
