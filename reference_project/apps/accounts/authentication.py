"""Decides who may log in: active accounts whose address was verified."""

from django.contrib.auth.backends import ModelBackend

from apps.accounts.models import CustomUser


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


class VerifiedUserBackend(ModelBackend):
    """Django's own backend, which also asks for a verified address."""

    def user_can_authenticate(self, user: CustomUser) -> bool:
        """Say whether this user may be logged in.

        :param user: a user whose password was right, or whose session is open.
        :returns: see :func:`may_log_in`.
        """
        return may_log_in(user)
