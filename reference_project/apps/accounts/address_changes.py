"""Gives an account another e-mail address, once its owner has shown that it is theirs.

The new address waits in ``pending_email``; a token is mailed to it. The present address is told, so
that its owner learns of it when somebody else asked.
"""

from django.core.cache import cache
from django.db import IntegrityError, transaction

from apps.accounts.logins import digest_account
from apps.accounts.mailed_tokens import lock_user_of_change
from apps.accounts.models import CustomUser
from apps.accounts.registrations import is_open_registration
from apps.accounts.tasks import send_address_change_mails
from apps.core.outbox import queue_task

# Seconds. Anyone can give anyone's address; nobody's letter box is to be filled that way.
CHANGE_INTERVAL = 600


@transaction.atomic
def request_change(user: CustomUser, email: str) -> None:
    """Remember the new address, and mail a token to it; to one address every ten minutes at most.

    Whether somebody has that address already is not told; its owner is, by mail. A token that was
    mailed for the same change before stays good.

    :param user: whose account it is.
    :param email: the new address.
    """
    user.pending_email = email
    user.save(update_fields=["pending_email"])
    # Of the address, whoever asks: a stranger may have many accounts.
    if cache.add(f"address-change:{digest_account(email)}", 1, CHANGE_INTERVAL):
        queue_task(send_address_change_mails, user.pk, ingestor="accounts")


@transaction.atomic
def confirm_change(token: str) -> bool:
    """Give an account its new address.

    A registration of that address which nobody confirmed gives way: else anybody could keep an
    address from its owner by registering it. Any other account stays; see
    :func:`~apps.accounts.registrations.is_open_registration`.

    :param token: what somebody sent.
    :returns: whether it was done. ``False`` says nothing more: the token may be wrong, used or too
        old, the account closed, or the address somebody else's by now.

    .. testcode::

        from apps.accounts.address_changes import confirm_change
        from apps.accounts.mailed_tokens import make_change_token
        from apps.accounts.models import CustomUser

        user = CustomUser.objects.create_user("ada@example.org", pending_email="ada@example.net")
        token = make_change_token(user)
        print(confirm_change(token), confirm_change(token))
        print(CustomUser.objects.get(pk=user.pk))

    .. testoutput::

        True False
        ada@example.net
    """
    user = lock_user_of_change(token)
    if user is None:
        return False
    squatter = CustomUser.objects.select_for_update().filter(email=user.pending_email).first()
    if squatter is not None and is_open_registration(squatter):
        squatter.delete()
    user.email, user.pending_email, user.email_verified = user.pending_email, "", True
    try:
        with transaction.atomic():
            user.save(update_fields=["email", "pending_email", "email_verified"])
    except IntegrityError:
        return False
    return True
