"""Adds the header that says which features of the browser pages may use."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

HEADER = "Permissions-Policy"


def make_policy(features: dict[str, list[str]]) -> str:
    """Write a policy as the header has it.

    :param features: who may use each feature: nobody, ``self``, or origins.
    :returns: the header's value.

    .. testcode::

        from apps.core.headers import make_policy

        print(make_policy({"camera": [], "payment": ["self", "https://pay.example.com"]}))

    .. testoutput::

        camera=(), payment=(self "https://pay.example.com")
    """
    parts = []
    for name, allowed in features.items():
        who = " ".join(one if one == "self" else f'"{one}"' for one in allowed)
        parts.append(f"{name}=({who})")
    return ", ".join(parts)


class PermissionsPolicyMiddleware(MiddlewareMixin):
    """Puts ``PERMISSIONS_POLICY`` on every answer that has no policy of its own.

    :param get_response: what answers the request.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        self.policy = make_policy(settings.PERMISSIONS_POLICY)

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Add the header.

        :param request: the request.
        :param response: its answer.
        :returns: the same answer.
        """
        response.headers.setdefault(HEADER, self.policy)
        return response
