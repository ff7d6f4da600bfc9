"""Lets whoever watches over a process ask for its health, by whatever name, and without TLS."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.utils.decorators import sync_and_async_middleware

PATHS = ("/health/live", "/health/ready")


@sync_and_async_middleware
def any_host(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Take a question for health as one to a host that is allowed.

    Orchestrators and load balancers name a process by its address, which ``ALLOWED_HOSTS`` does not
    list. The answers say nothing of the host, so nobody gains by naming a wrong one.
    ``SECURE_REDIRECT_EXEMPT`` lets the same paths through without TLS.

    :param get_response: what answers the request.
    :returns: the middleware.
    """

    def rename(request: HttpRequest) -> None:
        if request.path_info in PATHS:
            # A name that begins with a dot stands for its subdomains, and for itself.
            hosts = [host.lstrip(".") for host in settings.ALLOWED_HOSTS if host != "*"]
            request.META["HTTP_HOST"] = hosts[0] if hosts else "localhost"

    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> Any:
            rename(request)
            return await get_response(request)

        return answer_async

    def answer(request: HttpRequest) -> Any:
        rename(request)
        return get_response(request)

    return answer
