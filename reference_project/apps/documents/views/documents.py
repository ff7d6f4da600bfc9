"""Documents over HTTP: everybody has their own, and those of others are not there."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.text import get_valid_filename
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveUpdateDestroyAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.models import full_history
from apps.documents.models import Document
from apps.documents.serializers import (
    DocumentSerializer,
    HistoryEntrySerializer,
    UploadSerializer,
)
from apps.documents.services import add_document

# What a download may be; the last is for a file whose content nobody looked at.
KINDS = [*settings.DOCUMENT_TYPES, "application/octet-stream"]


class OwnDocuments(GenericAPIView):
    """A view of the documents of whoever asks."""

    queryset = Document.objects.all()
    serializer_class = DocumentSerializer

    def get_queryset(self) -> QuerySet[Document]:
        """Find the documents that may be seen.

        :returns: those of the user who asks.
        """
        return super().get_queryset().filter(owner=self.request.user.pk)


@extend_schema_view(get=extend_schema(description="List your documents, the latest first."))
class DocumentListView(OwnDocuments, ListAPIView):
    """Lists one's documents, the latest first; adds one."""

    parser_classes = (MultiPartParser,)
    throttle_scope: str | None = "upload"

    def get_throttles(self) -> list:
        """Count uploads; looking is limited like everything else.

        :returns: the throttles in force.
        """
        if self.request.method != "POST":
            self.throttle_scope = None
        return super().get_throttles()

    @extend_schema(
        request={"multipart/form-data": UploadSerializer}, responses={201: DocumentSerializer}
    )
    def post(self, request: Request) -> Response:
        """Add a document; its checksum and size follow a moment later."""
        upload = UploadSerializer(data=request.data)
        upload.is_valid(raise_exception=True)
        document = add_document(request.user, **upload.validated_data)
        return Response(DocumentSerializer(document).data, status=status.HTTP_201_CREATED)


@extend_schema_view(
    get=extend_schema(description="Look at a document."),
    patch=extend_schema(description="Rename a document."),
    delete=extend_schema(description="Delete a document: it is marked, and not shown any more."),
)
class DocumentDetailView(OwnDocuments, RetrieveUpdateDestroyAPIView):
    """Shows, renames and deletes a document."""

    http_method_names = ("get", "patch", "delete", "head", "options")


class DocumentDownloadView(OwnDocuments):
    """Hands out a document's file."""

    @extend_schema(
        responses={
            **{(200, kind): OpenApiTypes.BINARY for kind in KINDS},
            302: OpenApiResponse(description="A link to the store of files, which expires."),
        }
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """Download the file."""
        document = self.get_object()
        if not document.file:
            raise NotFound("This document has no file.")
        # Only a link that expires may leave the house.
        if getattr(document.file.storage, "querystring_auth", False):
            return HttpResponseRedirect(document.file.url)
        name = get_valid_filename(document.original_name or "document") or "document"
        try:
            opened = document.file.open("rb")
        except FileNotFoundError as error:
            raise NotFound("This document has no file.") from error
        # As an attachment: a browser must not show what somebody uploaded as a page of ours.
        return FileResponse(
            opened,
            as_attachment=True,
            filename=name,
            content_type=document.content_type or "application/octet-stream",
        )


class DocumentHistoryView(OwnDocuments):
    """Tells a document's history."""

    @extend_schema(responses=HistoryEntrySerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """List everything that happened to the document, oldest first."""
        document: Any = self.get_object()
        entries = self.paginate_queryset(full_history(Document, document.pk))
        return self.get_paginated_response(HistoryEntrySerializer(entries, many=True).data)
