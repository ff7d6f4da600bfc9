"""What the API does with accounts: registers people, issues codes, verifies addresses.

None of these functions tells its caller whether an address is known, and each does about the same
work either way: an answer, or the time it takes, must not reveal who has an account.
"""

from typing import Any

from celery import Task as CeleryTask
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.db import IntegrityError, transaction

from apps.accounts.models import OTP, CodeLimitReached, CustomUser
from apps.accounts.registrations import is_open_registration
from apps.accounts.tasks import send_registration_notice, send_verification_mail
from apps.core.outbox import queue_task

NOTICE_INTERVAL = 3600


@transaction.atomic
def register_user(email: str, password: str, **names: Any) -> None:
    """Register an address, and mail a code to it.

    An address that was registered but never verified is registered anew: whoever enters the code
    gets the account as the registration that sent this code described it. Whatever else is no
    mere registration stays as it is, verified or not; its owner is told by mail.

    :param email: the address, in any case.
    :param password: a password that was already validated.
    :param names: ``first_name``, ``last_name`` and ``phone_number``, each if given.
    """
    # Once, for known and unknown addresses alike: this is nearly all the time it takes.
    hashed = make_password(password)
    try:
        with transaction.atomic():
            user = CustomUser(email=email, password=hashed, pending_registrations=1, **names)
            user.save(force_insert=True)
    except IntegrityError:
        user = _lock_user(email)
        if is_open_registration(user):
            _register_anew(user, password=hashed, **names)
        elif user.is_active:
            _notify_owner(user)
    else:
        _issue_code(user)


def send_new_code(email: str) -> None:
    """Mail a new code to an address that was registered but not verified yet.

    :param email: the address, in any case.
    """
    _spend_time_of_hash(email)
    user = CustomUser.objects.filter(email=email, email_verified=False, is_active=True).first()
    if user:
        try:
            _issue_code(user)
        except CodeLimitReached:
            # Saying so would tell that the address is known.
            return


def verify_address(email: str, code: str) -> bool:
    """Try a code, and mark the address as verified when it is right.

    Wrong tries are counted in the database, so the caller must not roll back afterwards.

    :param email: the address, in any case.
    :param code: the digits that somebody entered.
    :returns: whether the address is verified now. ``False`` says nothing more: the address may be
        unknown or verified before, the code wrong, expired or tried too often.
    """
    _spend_time_of_hash(email)
    user = CustomUser.objects.filter(email=email, email_verified=False, is_active=True).first()
    if user is None:
        return False
    with transaction.atomic():
        if not OTP.redeem(user, code):
            return False
        users = CustomUser.objects.filter(pk=user.pk, is_active=True)
        return bool(users.update(email_verified=True, pending_registrations=0))


def _register_anew(user: CustomUser, **fields: Any) -> None:
    try:
        with transaction.atomic():
            _issue_code(user)
            CustomUser.objects.filter(pk=user.pk).update(
                **{"first_name": "", "last_name": "", "phone_number": "", **fields}
            )
    except CodeLimitReached:
        # Without a new code, the old one must go on meaning the old registration.
        return


def _issue_code(user: CustomUser) -> None:
    OTP.create(user)
    _queue(send_verification_mail, user.pk)


def _notify_owner(user: CustomUser) -> None:
    # Anyone can register anyone's address; nobody's letter box is to be filled that way.
    if cache.add(f"registration-notice:{user.pk}", 1, NOTICE_INTERVAL):
        _queue(send_registration_notice, user.pk)


def _queue(task: CeleryTask, user_id: int) -> None:
    # In this transaction: a mail is queued if and only if what it speaks of was stored.
    queue_task(task, user_id, ingestor="accounts")


def _lock_user(email: str) -> CustomUser:
    return CustomUser.objects.select_for_update().get(email=email)


def _spend_time_of_hash(text: str) -> None:
    make_password(text)
