"""Turns every error of the API into one format: problem details (RFC 9457)."""

import http
import math
from typing import Any

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest
from django.utils.log import log_response
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

PROBLEM_CONTENT_TYPE = "application/problem+json"
SERVER_ERROR_DETAIL = "The server failed to answer this request. The failure was logged."


class PayloadTooLarge(exceptions.APIException):
    """The request's body is larger than the server reads."""

    status_code = 413
    default_detail = "The request's body is too large."
    default_code = "payload_too_large"


def describe_problem(
    status: int, detail: str, *, code: str = "", errors: Any = None
) -> dict[str, Any]:
    """Describe an error as a problem details object.

    :param status: the HTTP status.
    :param detail: one sentence for people.
    :param code: one word for programs, such as ``not_found``.
    :param errors: what is wrong with which field, for values that were refused.
    :returns: the object, ready for JSON.

    .. testcode::

        from apps.core.problems import describe_problem

        for member, value in describe_problem(404, "No such task.", code="not_found").items():
            print(f"{member}: {value}")

    .. testoutput::

        type: about:blank
        title: Not Found
        status: 404
        detail: No such task.
        code: not_found
    """
    try:
        title = http.HTTPStatus(status).phrase
    except ValueError:
        # An exception class may carry a status that no standard names.
        title = "Error"
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
    }
    if code:
        problem["code"] = code
    if errors is not None:
        problem["errors"] = errors
    return problem


def problem_exception_handler(exc: Exception, context: dict[str, Any]) -> Response:
    """Answer an exception that a view raised; this is DRF's ``EXCEPTION_HANDLER``.

    The transaction of the request is rolled back whatever the exception; a view that Django runs
    outside of transactions (``non_atomic_requests``) keeps what it wrote. One that nobody expected
    answers 500 and says nothing about itself; it is logged with its traceback.

    :param exc: what the view raised.
    :param context: where: DRF gives at least ``view`` and ``request``.
    :returns: the answer, always; so a handler of your own can call this one and change its
        ``data``.

    .. testcode::

        from django.http import Http404
        from apps.core.problems import problem_exception_handler

        response = problem_exception_handler(Http404("no row"), {})
        print(response.status_code, response.data["title"])

    .. testoutput::

        404 Not Found
    """
    error = convert_exception(exc)
    if error is None:
        response = Response(describe_problem(500, SERVER_ERROR_DETAIL, code="error"), status=500)
        _report(exc, response, context)
    else:
        response = Response(
            _describe_api_exception(error), status=error.status_code, headers=_make_headers(error)
        )
    response.content_type = PROBLEM_CONTENT_TYPE
    if not _keeps_writes(context):
        set_rollback()
    return response


def _keeps_writes(context: dict[str, Any]) -> bool:
    match = getattr(context.get("request"), "resolver_match", None)
    return bool(match and getattr(match.func, "_non_atomic_requests", None))


def convert_exception(exc: Exception) -> exceptions.APIException | None:
    """Find the API exception that says the same as one of Django's.

    :param exc: any exception.
    :returns: the API exception; ``None`` for one that nobody expected.

    .. testcode::

        from django.core.exceptions import PermissionDenied
        from apps.core.problems import convert_exception

        print(convert_exception(PermissionDenied()).status_code)
        print(convert_exception(ZeroDivisionError()))

    .. testoutput::

        403
        None
    """
    match exc:
        case exceptions.APIException():
            return exc
        case Http404():
            # Django's own text names the model and how it was looked for.
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case RequestDataTooBig():
            return PayloadTooLarge()
        case SuspiciousOperation() | BadRequest():
            return exceptions.ParseError("The server cannot make sense of this request.")
    return None


def _describe_api_exception(error: exceptions.APIException) -> dict[str, Any]:
    status = error.status_code
    if isinstance(error, exceptions.ValidationError):
        errors = error.detail
        if not isinstance(errors, dict):
            errors = {"non_field_errors": errors}
        return describe_problem(
            status, "Some values were not accepted; see errors.", code="invalid", errors=errors
        )
    detail = error.detail
    if isinstance(detail, dict) and "detail" in detail:
        # Simple JWT puts its sentence beside further members.
        detail = detail["detail"]
    code = getattr(detail, "code", None) or error.default_code
    return describe_problem(status, str(detail), code=str(code))


def _make_headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(math.ceil(wait))
    return headers


def _report(exc: Exception, response: Response, context: dict[str, Any]) -> None:
    request: HttpRequest | None = getattr(context.get("request"), "_request", None)
    got_request_exception.send(sender=type(context.get("view")), request=request)
    # Django's own way to log it, which also keeps Django from logging the answer again.
    log_response(
        "%s: %s",
        "Internal Server Error",
        getattr(request, "path", "outside a request"),
        response=response,
        request=request,
        exception=exc,
    )
