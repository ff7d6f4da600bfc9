"""Decides who may log in: active accounts whose address was verified."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from apps.accounts.logins import begin_attempt, count_seconds_to_wait, finish_attempt
from apps.accounts.models import CustomUser

# Set on a request whose password was not looked at: how many seconds to wait.
WAIT = "login_wait_seconds"


def may_log_in(user: CustomUser | None) -> bool:
    """Say whether this user may be logged in, or stay so.

    :param user: the user, or nobody.
    :returns: whether the account is active and its address verified.

    .. testcode::

        from apps.accounts.authentication import may_log_in
        from apps.accounts.models import CustomUser

        user = CustomUser.objects.create_user("ada@example.org")
        print(may_log_in(user))
        user.email_verified = True
        print(may_log_in(user))

    .. testoutput::

        False
        True
    """
    return user is not None and user.is_active and user.email_verified


def read_user(request: HttpRequest | Request) -> CustomUser:
    """Read who asks, in a view that lets nobody in who is not logged in.

    :param request: the request.
    :returns: the user.
    :raises rest_framework.exceptions.NotAuthenticated: when nobody is logged in after all.
    """
    if not isinstance(request.user, CustomUser):
        raise NotAuthenticated
    return request.user


class VerifiedUserBackend(ModelBackend):
    """Django's own backend, which also asks for a verified address, and keeps a record of tries.

    It is asked by the API and by the admin site alike.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> CustomUser | None:
        """Check a password, unless too many were wrong lately.

        :param request: the request that carries it; without one, nothing is recorded.
        :param username: the address.
        :param password: the password.
        :param credentials: the address by the name of its field.
        :returns: the user; nobody when something is wrong.
        :raises django.core.exceptions.PermissionDenied: when the password is not looked at.
        """
        email = credentials.get(CustomUser.USERNAME_FIELD) if username is None else username
        if request is None or not isinstance(email, str) or password is None:
            return super().authenticate(request, username, password, **credentials)
        attempt = begin_attempt(request, email)
        if seconds := count_seconds_to_wait(attempt):
            finish_attempt(attempt, None, refused=True)
            setattr(request, WAIT, seconds)
            raise PermissionDenied("Too many logins failed.")
        user = super().authenticate(request, email, password)
        finish_attempt(attempt, user)
        return user

    def user_can_authenticate(self, user: Any) -> bool:
        """Say whether this user may be logged in.

        :param user: a user whose password was right, or whose session is open.
        :returns: see :func:`may_log_in`.
        """
        return may_log_in(user)
