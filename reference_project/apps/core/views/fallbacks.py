"""Answers the errors that no API view was asked about: problem details under /api/, else pages."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import Resolver404, resolve
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt

from apps.core.problems import PROBLEM_CONTENT_TYPE, SERVER_ERROR_DETAIL, describe_problem


def is_api_path(request: HttpRequest) -> bool:
    """Say whether a request was meant for the API.

    :param request: any request.
    :returns: whether its path lies under ``/api/``.
    """
    return request.path_info.startswith("/api/")


def answer_problem(status: int, detail: str, code: str) -> HttpResponse:
    """Answer an error as problem details, without DRF.

    :param status: the HTTP status.
    :param detail: one sentence for people.
    :param code: one word for programs.
    :returns: the answer.
    """
    problem = describe_problem(status, detail, code=code)
    return JsonResponse(problem, status=status, content_type=PROBLEM_CONTENT_TYPE)


@csrf_exempt
def answer_unknown_path(request: HttpRequest) -> HttpResponse:
    """Answer a path under ``/api/`` that leads nowhere, in DEBUG too.

    :param request: the request.
    :returns: a 404 that names the path with a slash at its end, if that one exists.
    """
    detail = "There is nothing at this path."
    if not request.path_info.endswith("/"):
        try:
            if resolve(f"{request.path_info}/").func is not answer_unknown_path:
                detail = f"There is nothing at this path. Did you mean {request.path}/ ?"
        except Resolver404:
            pass
    return answer_problem(404, detail, "not_found")


def answer_bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400; this is ``handler400``.

    :param request: the request.
    :param exception: what Django refused; it is not shown.
    :returns: the answer.
    """
    if is_api_path(request):
        detail = "The server cannot make sense of this request."
        return answer_problem(400, detail, "parse_error")
    return defaults.bad_request(request, exception)


def answer_forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403; this is ``handler403``.

    :param request: the request.
    :param exception: what was not allowed; it is not shown.
    :returns: the answer.
    """
    if is_api_path(request):
        return answer_problem(403, "You are not allowed to do this.", "permission_denied")
    return defaults.permission_denied(request, exception)


def answer_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404; this is ``handler404``.

    :param request: the request.
    :param exception: what was looked for; it is not shown.
    :returns: the answer.
    """
    if is_api_path(request):
        return answer_unknown_path(request)
    return defaults.page_not_found(request, exception)


def answer_server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500; this is ``handler500``.

    :param request: the request.
    :returns: the answer.
    """
    if is_api_path(request):
        return answer_problem(500, SERVER_ERROR_DETAIL, "error")
    return defaults.server_error(request)
