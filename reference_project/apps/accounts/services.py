"""What the API does with accounts: registers people, issues codes, verifies addresses.

None of these functions tells its caller whether an address is known, and each does about the same
work either way: an answer, or the time it takes, must not reveal who has an account.

A code shows whose the address is, and no more: whoever reads the mails cannot tell which of several
registrations sent a code. So where there were several, it is of no use without a password; the
account gets that one, and no password that somebody else registered with.
"""

from typing import Any

from celery import Task as CeleryTask
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import F

from apps.accounts.models import OTP, CodeLimitReached, CustomUser
from apps.accounts.registrations import is_open_registration
from apps.accounts.tasks import send_registration_notice, send_verification_mail
from apps.core.outbox import queue_task

NOTICE_INTERVAL = 3600
# What is known of somebody who said nothing of themselves.
NOBODY = {"first_name": "", "last_name": "", "phone_number": ""}


class PasswordNeeded(Exception):
    """Several registrations wait for the same code; a password has to tell which is meant."""


@transaction.atomic
def register_user(email: str, password: str, **names: Any) -> None:
    """Register an address, and mail a code to it.

    An address that was registered but never verified is registered anew; the latest registration
    is kept, and that there was another, see :func:`verify_address`. Whatever is no mere
    registration stays as it is, verified or not; its owner is told by mail.

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

    It belongs to no registration in particular.

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


def verify_address(email: str, code: str, password: str | None = None) -> bool:
    """Try a code, and mark the address as verified when it is right.

    With a password, the account is as the latest registration described it if that was made with
    this password; else it gets this password, and the names of nobody. An account that is no mere
    registration keeps its own. Wrong tries are counted in the database, so the caller must not
    roll back afterwards.

    :param email: the address, in any case.
    :param code: the digits that somebody entered.
    :param password: the password that they want; it was already validated.
    :returns: whether the address is verified now. ``False`` says nothing more: the address may be
        unknown or verified before, the code wrong, expired or tried too often.
    :raises PasswordNeeded: when the code is right, but several registrations wait for it and no
        password was given; the code stays good.
    """
    _spend_time_of_hash(email)
    user = CustomUser.objects.filter(email=email, email_verified=False, is_active=True).first()
    if user is None:
        return False
    with transaction.atomic():
        if not OTP.redeem(user, code):
            return False
        # Redeeming locked the row; what was read before may be out of date.
        return _confirm(CustomUser.objects.select_for_update().get(pk=user.pk), password)


def _register_anew(user: CustomUser, **fields: Any) -> None:
    CustomUser.objects.filter(pk=user.pk).update(
        pending_registrations=F("pending_registrations") + 1, **{**NOBODY, **fields}
    )
    try:
        _issue_code(user)
    except CodeLimitReached:
        # The code that was mailed last is as good as a new one, together with the password.
        return


def _confirm(user: CustomUser, password: str | None) -> bool:
    if not user.is_active:
        return False
    changes: dict[str, Any] = {"email_verified": True, "pending_registrations": 0}
    if user.pending_registrations > 1 and password is None:
        raise PasswordNeeded
    if user.pending_registrations and password is not None and not user.check_password(password):
        if not is_open_registration(user):
            # It was given rights since: four digits are not enough to set its password.
            return False
        changes |= {**NOBODY, "password": make_password(password)}
    return bool(CustomUser.objects.filter(pk=user.pk).update(**changes))


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
