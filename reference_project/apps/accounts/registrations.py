"""Tells accounts from mere registrations: what a stranger may replace, and what nobody may."""

from apps.accounts.models import CustomUser


def is_open_registration(user: CustomUser) -> bool:
    """Say whether a row is a registration that nobody confirmed yet, and never was anything else.

    Anybody can register anybody's address; so a registration may be replaced by another of the same
    address, and gives way to whoever shows that the address is theirs. An account that an
    administrator made, or that was verified once, is neither replaced nor removed that way; nor is
    one that was closed, was logged in to, or was given rights.

    :param user: a saved user.
    :returns: whether it is one.

    .. testcode::

        from apps.accounts.models import CustomUser
        from apps.accounts.registrations import is_open_registration
        from apps.accounts.services import register_user

        register_user("ada@example.org", "correct horse battery")
        made = CustomUser.objects.create_user("eve@example.org", "correct horse battery")
        ada = CustomUser.objects.get(email="ada@example.org")
        print(is_open_registration(ada), is_open_registration(made))

    .. testoutput::

        True False
    """
    if not user.pending_registrations or user.email_verified or not user.is_active:
        return False
    if user.is_staff or user.is_superuser or user.last_login is not None:
        return False
    return not (user.groups.exists() or user.user_permissions.exists())
