"""Sets passwords: the one of somebody logged in, and the one of somebody who has forgotten it.

A new password ends every token and every session of the account, since each of them carries a
digest of the password it was made under. It takes a change of address back, too, that was asked for
and not confirmed: whoever asked for it may be why the password is new.
"""

from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.db import transaction

from apps.accounts.models import OTP, CustomUser
from apps.accounts.tasks import send_password_notice, send_password_reset_mail
from apps.core.outbox import queue_task

# Seconds. Anyone can ask for anyone; nobody's letter box is to be filled that way.
RESET_INTERVAL = 60


@transaction.atomic
def change_password(user: CustomUser, password: str) -> None:
    """Set the password of somebody who showed that they know the present one.

    :param user: whose password it is.
    :param password: the new one, validated.
    """
    user.set_password(password)
    user.pending_email = ""
    user.save(update_fields=["password", "pending_email"])
    queue_task(send_password_notice, user.pk, ingestor="accounts")


def request_reset(email: str) -> None:
    """Mail a token with which the password can be set; the caller learns nothing.

    :param email: the address, in any case.
    """
    # As much work for an unknown address as for a known one.
    make_password(email)
    user = CustomUser.objects.filter(email=email, is_active=True).first()
    if user and cache.add(f"password-reset:{user.pk}", 1, RESET_INTERVAL):
        queue_task(send_password_reset_mail, user.pk, ingestor="accounts")


@transaction.atomic
def reset_password(user: CustomUser, password: str) -> None:
    """Set a forgotten password. Whoever read the mail has shown that the address is theirs.

    An account that nobody had verified may have been registered by a stranger: what they said of
    themselves goes, and the code that was sent to them ends. What an administrator said stays.

    :param user: whose password it is.
    :param password: the new one, validated.
    """
    user.set_password(password)
    user.pending_email = ""
    changed = ["password", "pending_email"]
    if not user.email_verified:
        if user.pending_registrations:
            user.first_name = user.last_name = user.phone_number = ""
        user.email_verified = True
        changed += ["email_verified", "first_name", "last_name", "phone_number"]
        OTP.objects.filter(user=user, active=True).update(active=False)
    user.save(update_fields=changed)
    queue_task(send_password_notice, user.pk, ingestor="accounts")
