"""Makes the tokens that are mailed to people, and says whose they are when they come back.

They are not stored anywhere: each is signed, and ends with what it was made from.
"""

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from apps.accounts.models import CustomUser

CHANGE_SALT = "apps.accounts.address_changes"
LARGEST_KEY = 2**63 - 1


def make_reset_token(user: CustomUser) -> str:
    """Make a token with which the password can be set once.

    :param user: whose password it is.
    :returns: the token, good for ``PASSWORD_RESET_TIMEOUT`` seconds, and until the password or the
        address changes or somebody logs in.

    .. testcode::

        from apps.accounts.mailed_tokens import find_user_of_reset, make_reset_token
        from apps.accounts.models import CustomUser

        user = CustomUser.objects.create_user("ada@example.org", "correct horse battery")
        token = make_reset_token(user)
        print(find_user_of_reset(token))
        user.set_password("another long password")
        user.save()
        print(find_user_of_reset(token))

    .. testoutput::

        ada@example.org
        None
    """
    key = urlsafe_base64_encode(str(user.pk).encode())
    return f"{key}-{default_token_generator.make_token(user)}"


def find_user_of_reset(token: str) -> CustomUser | None:
    """Find whose password a token sets.

    :param token: what somebody sent.
    :returns: the user; ``None`` when the token is wrong, used or too old, or the account closed.
    """
    key, _, rest = token.partition("-")
    try:
        pk = int(urlsafe_base64_decode(key))
    except ValueError:
        return None
    if not 0 < pk <= LARGEST_KEY:
        return None
    user = CustomUser.objects.filter(pk=pk, is_active=True).first()
    return user if user and default_token_generator.check_token(user, rest) else None


def make_change_token(user: CustomUser) -> str:
    """Make a token that shows who reads the mail to the pending address.

    :param user: a user with a pending address.
    :returns: the token, good for ``PASSWORD_RESET_TIMEOUT`` seconds, and until the password or
        either address changes.

    .. testcode::

        from apps.accounts.mailed_tokens import lock_user_of_change, make_change_token
        from apps.accounts.models import CustomUser

        user = CustomUser.objects.create_user("ada@example.org", pending_email="ada@example.net")
        token = make_change_token(user)
        print(lock_user_of_change(token))
        user.pending_email = "eve@example.net"
        user.save()
        print(lock_user_of_change(token))

    .. testoutput::

        ada@example.org
        None
    """
    return signing.dumps([user.pk, _digest(user)], salt=CHANGE_SALT)


def lock_user_of_change(token: str) -> CustomUser | None:
    """Find whose change of address a token confirms; the row stays locked.

    :param token: what somebody sent.
    :returns: the user; ``None`` when the token is wrong, used or too old, or the account closed.
    """
    try:
        pk, digest = signing.loads(token, salt=CHANGE_SALT, max_age=settings.PASSWORD_RESET_TIMEOUT)
    except signing.BadSignature:
        return None
    users = CustomUser.objects.select_for_update().exclude(pending_email="")
    user = users.filter(pk=pk, is_active=True).first()
    return user if user and constant_time_compare(digest, _digest(user)) else None


def describe_lifetime() -> str:
    """Say in words how long a mailed token is good.

    :returns: for example ``60 minutes``.
    """
    return f"{settings.PASSWORD_RESET_TIMEOUT // 60} minutes"


def _digest(user: CustomUser) -> str:
    # Of everything whose change ends the token.
    state = f"{user.email}|{user.pending_email}|{user.password}"
    return salted_hmac(CHANGE_SALT, state, algorithm="sha256").hexdigest()
