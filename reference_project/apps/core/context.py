"""Who acts, in which request and task: known everywhere without being handed from call to call."""

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, replace
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware
from django.utils.functional import LazyObject, empty

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


@dataclass(frozen=True)
class Context:
    """What is known of the moment.

    :param request_id: the request's name; empty outside of requests and the tasks they queued.
    :param user_id: the acting user's primary key; ``None`` when nobody is known.
    :param task_id: Celery's name of the running task; empty outside of tasks.
    """

    request_id: str = ""
    user_id: int | None = None
    task_id: str = ""


@dataclass(frozen=True)
class _State:
    context: Context = Context()
    request: HttpRequest | None = None


# A variable of this kind belongs to one thread, or to one task of an event loop.
_state: ContextVar[_State] = ContextVar("apps.core.context", default=_State())  # noqa: B039


def read_context() -> Context:
    """Read what is known now.

    The user of a request is asked for here, not when the request begins: tokens are only checked
    once the view runs.

    :returns: the context; all of it empty where nothing is known.

    .. testcode::

        from apps.core.context import read_context

        print(read_context())

    .. testoutput::

        Context(request_id='', user_id=None, task_id='')
    """
    state = _state.get()
    if state.request is None:
        return state.context
    user = getattr(state.request, "user", None)
    return replace(state.context, user_id=getattr(user, "pk", None))


def glance_at_context() -> Context:
    """Read what is known now without finding out more, as a record of the logs must.

    Finding out who has a session asks the database: which may be what the record is about, and
    which may log its own statements.

    :returns: the context; its user is ``None`` as long as nothing else has asked who that is.
    """
    state = _state.get()
    if state.request is None:
        return state.context
    user = state.request.__dict__.get("user")
    if isinstance(user, LazyObject):
        user = user.__dict__.get("_wrapped")
        if user is empty:
            user = state.request.__dict__.get("_acached_user")
    return replace(state.context, user_id=getattr(user, "pk", None))


@contextmanager
def acting_user(user: Any) -> Iterator[None]:
    """Let everything inside count as done by a user, in synchronous and asynchronous code.

    :param user: a user, a primary key, or ``None`` for nobody.

    .. testcode::

        from apps.accounts.models import CustomUser
        from apps.core.context import acting_user, read_context

        user = CustomUser.objects.create_user("ada@example.org", "correct horse battery")
        with acting_user(user):
            print(read_context().user_id == user.pk)
        print(read_context().user_id)

    .. testoutput::

        True
        None
    """
    context = replace(read_context(), user_id=getattr(user, "pk", user))
    token = _state.set(_State(context))
    try:
        yield
    finally:
        _state.reset(token)


def enter_context(context: Context) -> Token:
    """Put a context in force, where a block cannot: Celery announces a task's begin and end apart.

    :param context: what is known from now on.
    :returns: what :func:`leave_context` needs to restore the one before.
    """
    return _state.set(_State(context))


def leave_context(token: Token) -> None:
    """Restore the context before :func:`enter_context`.

    :param token: what that returned.
    """
    _state.reset(token)


def choose_request_id(given: str) -> str:
    """Take over the name that a proxy gave a request, if it is one.

    :param given: the header ``X-Request-ID``; anybody can send anything.
    :returns: the name given, or a new one when it is missing, too long, or holds other characters
        than letters, digits, dot, hyphen and underscore.

    .. testcode::

        from apps.core.context import choose_request_id

        print(choose_request_id("edge-7f3a"))
        print(len(choose_request_id("a name\\nwith a line break")))

    .. testoutput::

        edge-7f3a
        32
    """
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


@sync_and_async_middleware
def request_context(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Make a middleware that puts each request's context in force, and answers with its name.

    :param get_response: what comes next, synchronous or not.
    :returns: the middleware, of the same kind.
    """

    def enter(request: HttpRequest) -> tuple[str, Token]:
        name = choose_request_id(request.headers.get("X-Request-ID", ""))
        return name, _state.set(_State(Context(request_id=name), request))

    def sign(response: HttpResponse, name: str) -> HttpResponse:
        response["X-Request-ID"] = name
        return response

    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> HttpResponse:
            name, token = enter(request)
            # An error that no handler answers must not leave this request to the next one.
            try:
                return sign(await get_response(request), name)
            finally:
                _state.reset(token)

        return answer_async

    def answer(request: HttpRequest) -> HttpResponse:
        name, token = enter(request)
        try:
            return sign(get_response(request), name)
        finally:
            _state.reset(token)

    return answer
