"""Refuses bodies that are too large before anyone reads them: files would be kept on the disk."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin
from rest_framework.parsers import FileUploadParser, MultiPartParser

from apps.core.views.fallbacks import answer_problem

# What any form and any JSON fits into; around a file, it is for the rest of the form.
SMALL = 1024 * 1024


def takes_files(view: Callable[..., Any]) -> bool:
    """Say whether files may be sent to a view.

    :param view: what the path of a request leads to.
    :returns: whether it is a view of the API that parses them; pages take none.
    """
    parsers = getattr(getattr(view, "cls", None), "parser_classes", ())
    return any(issubclass(one, MultiPartParser | FileUploadParser) for one in parsers)


class BodyLimitMiddleware(MiddlewareMixin):
    """Answers 413 to a body of more than 1 MiB, which a file may exceed by its own limit.

    It asks before a view is called, and before the check of forms reads the body to find their
    token: Django would write files of any size to the folder of temporary files meanwhile.
    """

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Refuse a body by the length that is announced; the server reads no more than that.

        :param request: the request.
        :param view: what its path leads to.
        :param args: what the view is called with.
        :param kwargs: likewise, by name.
        :returns: the refusal, or ``None``.
        """
        announced = request.META.get("CONTENT_LENGTH") or ""
        if not announced and request.META.get("HTTP_TRANSFER_ENCODING"):
            detail = "Say how long the body is, in Content-Length."
            return answer_problem(411, detail, "length_required")
        limit = SMALL
        if takes_files(view):
            limit += getattr(settings, "DOCUMENT_MAX_BYTES", 0)
        if announced.isdecimal() and int(announced) > limit:
            detail = f"The request's body is too large; at most {limit} bytes are read here."
            return answer_problem(413, detail, "payload_too_large")
        return None
