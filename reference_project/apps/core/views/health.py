"""Health for load balancers and orchestrators: is the process alive, can it serve requests."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from rest_framework.authentication import get_authorization_header
from rest_framework_simplejwt.authentication import JWTAuthentication

from apps.core.health import ask_parts


@never_cache
@require_safe
@transaction.non_atomic_requests
def answer_live(request: HttpRequest) -> JsonResponse:
    """Say that the process answers requests; nothing else is asked.

    :param request: the request.
    :returns: 200, always.
    """
    return JsonResponse({"status": "up"})


@never_cache
@require_safe
# The transaction of a request needs the database, whose absence is to be reported.
@transaction.non_atomic_requests
def answer_ready(request: HttpRequest) -> JsonResponse:
    """Say whether everything that requests need answers.

    :param request: the request.
    :returns: 200, or 503 when a part is down; which one is told to staff only.
    """
    parts = ask_parts()
    up = all(parts.values())
    body: dict[str, object] = {"status": "up" if up else "down"}
    if is_staff(request):
        body["parts"] = {name: "up" if ok else "down" for name, ok in parts.items()}
    return JsonResponse(body, status=200 if up else 503)


def is_staff(request: HttpRequest) -> bool:
    """Say whether staff asks, by a session of the admin site or by a token.

    :param request: the request.
    :returns: whether it is staff; ``False`` when that cannot be found out.
    """
    try:
        user: Any = request.user
        # These read nothing but headers, which every request has.
        asked: Any = request
        if get_authorization_header(asked):
            user, _token = JWTAuthentication().authenticate(asked) or (user, None)
        return bool(user.is_staff)
    except Exception:
        # The database that knows the users may be the part that is down.
        return False
