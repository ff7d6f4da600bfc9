"""Records which pages and endpoints people visit who are logged in, unless they object."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware
from django.utils.functional import LazyObject

from apps.accounts.clients import read_user_agent
from apps.accounts.models import UserVisitHistory
from apps.accounts.models.activity import URL_LENGTH

View = TypeVar("View", bound=Callable[..., Any])
logger = logging.getLogger(__name__)


def unrecorded(view: View) -> View:
    """Keep a view's visits from being recorded.

    :param view: a view, or the class of one.
    :returns: the same view.

    .. testcode::

        from apps.accounts.visits import unrecorded

        @unrecorded
        def show_diagnosis(request):
            ...

        print(show_diagnosis.records_visits)

    .. testoutput::

        False
    """
    view.records_visits = False  # type: ignore[attr-defined]
    return view


@sync_and_async_middleware
def record_visits(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Record visits, each by one ``INSERT`` after the answer was made.

    Not recorded are visitors who are not logged in, answers that say no (400 and above), people who
    switched it off (``record_visits`` of their account), browsers that ask for it (the header
    ``Sec-GPC: 1``), and views marked with :func:`unrecorded`.

    :param get_response: what answers the request.
    :returns: the middleware.
    :raises django.core.exceptions.MiddlewareNotUsed: when ``RECORD_VISITS`` is off.
    """
    if not settings.RECORD_VISITS:
        raise MiddlewareNotUsed("RECORD_VISITS is off.")

    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            response = await get_response(request)
            if is_visit(request, response):
                try:
                    if visit := describe_visit(request, await request.auser()):
                        await visit.asave(force_insert=True)
                except DatabaseError:
                    logger.exception("a visit was not recorded")
            return response

        return answer_async  # type: ignore[return-value]

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if is_visit(request, response):
            try:
                # Finding out who it was may ask the database, too.
                if visit := describe_visit(request, request.user):
                    visit.save(force_insert=True)
            except DatabaseError:
                # Nobody is to miss an answer for want of a note about it.
                logger.exception("a visit was not recorded")
        return response

    return answer


def is_visit(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Say whether a request may be a visit of somebody, without asking the database.

    :param request: the request.
    :param response: its answer.
    :returns: ``False`` when there is nothing to record, and nobody need be looked up.
    """
    if response.status_code >= 400 or request.META.get("HTTP_SEC_GPC") == "1":
        return False
    match = request.resolver_match
    if match is None or not wants_visits(match.func):
        return False
    # Who sent a token is known by now. Otherwise it takes a session for anyone to be known.
    user = request.__dict__.get("user")
    if user is None or not isinstance(user, LazyObject):
        return user is not None
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def describe_visit(request: HttpRequest, user: Any) -> UserVisitHistory | None:
    """Describe a visit.

    :param request: the request.
    :param user: who made it.
    :returns: the visit, not saved; ``None`` for nobody, and for who does not want that.
    """
    if not user.is_authenticated or user.pk is None or not user.record_visits:
        return None
    return UserVisitHistory(
        user_id=user.pk,
        url=request.path[:URL_LENGTH],
        referer=shorten_referer(request.META.get("HTTP_REFERER", ""), request.get_host()),
        user_agent=read_user_agent(request),
    )


def wants_visits(view: Callable[..., Any]) -> bool:
    """Say whether the visits of a view are recorded.

    :param view: the function that answers, as the URL configuration has it.
    :returns: whether neither it, nor the class it was made of, is marked.
    """
    for one in (view, getattr(view, "view_class", None), getattr(view, "cls", None)):
        if getattr(one, "records_visits", True) is False:
            return False
    return True


def shorten_referer(referer: str, host: str) -> str:
    """Remove from a referer what only the visitor may know.

    :param referer: the header ``Referer``.
    :param host: the host that was asked.
    :returns: the address without user, query and fragment; of another site the origin only; an
        empty text for what is no web address.

    .. testcode::

        from apps.accounts.visits import shorten_referer

        print(shorten_referer("https://shop.example.com/cart/?token=1", "shop.example.com"))
        print(shorten_referer("https://mail.example.net/inbox/7", "shop.example.com"))

    .. testoutput::

        https://shop.example.com/cart/
        https://mail.example.net/
    """
    try:
        parts = urlsplit(referer)
        place = parts.netloc.rpartition("@")[2]
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not place:
        return ""
    path = parts.path if place == host else "/"
    return f"{parts.scheme}://{place}{path}".replace("\0", "")[:URL_LENGTH]
