"""The Celery tasks of accounts: what is sent by mail, and what is forgotten."""

from smtplib import SMTPException
from typing import Any

from celery import shared_task
from celery.utils.log import get_task_logger

from apps.accounts import mails
from apps.accounts.forgetting import forget_activity
from apps.accounts.mailed_tokens import describe_lifetime, make_change_token, make_reset_token
from apps.accounts.models import OTP, CustomUser
from apps.accounts.registrations import is_open_registration
from apps.core.outbox import outbox_task

logger = get_task_logger(__name__)

# Sending a mail is tried again when it fails for reasons that may pass.
RETRIES: dict[str, Any] = {"retry_for": (OSError, SMTPException), "max_attempts": 6}


@outbox_task(name="accounts.send_verification_mail", **RETRIES)
def send_verification_mail(user_id: int) -> str:
    """Mail a user the active code.

    :param user_id: the user; neither address nor code travels through the broker.
    :returns: ``sent``; or ``nothing to send``, when the user, or a valid code, is gone by now.
    """
    user = CustomUser.objects.filter(pk=user_id).first()
    otp = OTP.get_latest(user) if user else None
    if user is None or otp is None or not otp.is_valid():
        return "nothing to send"
    mails.send_code(user, otp)
    logger.info("sent verification mail to user %s", user_id)
    return "sent"


@outbox_task(name="accounts.send_registration_notice", **RETRIES)
def send_registration_notice(user_id: int) -> str:
    """Mail the owner of an account that somebody tried to register with its address.

    :param user_id: the owner.
    :returns: ``sent``; or ``nothing to send``, when the user is gone by now.
    """
    user = CustomUser.objects.filter(pk=user_id).first()
    if user is None:
        return "nothing to send"
    mails.send_notice(user)
    logger.info("sent registration notice to user %s", user_id)
    return "sent"


@outbox_task(name="accounts.send_password_reset_mail", **RETRIES)
def send_password_reset_mail(user_id: int) -> str:
    """Mail somebody a token with which the password can be set.

    :param user_id: the user; the token is made here, and does not travel through the broker.
    :returns: ``sent``; or ``nothing to send``, when the account is gone or closed by now.
    """
    user = CustomUser.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return "nothing to send"
    mails.send_reset_token(user, make_reset_token(user), describe_lifetime())
    logger.info("sent password reset mail to user %s", user_id)
    return "sent"


@outbox_task(name="accounts.send_password_notice", **RETRIES)
def send_password_notice(user_id: int) -> str:
    """Mail somebody that the password of the account was changed.

    :param user_id: the user.
    :returns: ``sent``; or ``nothing to send``, when the user is gone by now.
    """
    user = CustomUser.objects.filter(pk=user_id).first()
    if user is None:
        return "nothing to send"
    mails.send_password_changed(user)
    logger.info("sent password notice to user %s", user_id)
    return "sent"


@outbox_task(name="accounts.send_address_change_mails", **RETRIES)
def send_address_change_mails(user_id: int) -> str:
    """Warn the present address, and mail the pending one its token.

    :param user_id: the user; neither address nor token travels through the broker.
    :returns: ``sent``; or ``nothing to send``, when nothing is pending any more.
    """
    user = CustomUser.objects.filter(pk=user_id, is_active=True).exclude(pending_email="").first()
    if user is None:
        return "nothing to send"
    mails.send_change_warning(user)
    owner = CustomUser.objects.filter(email=user.pending_email).first()
    if owner and not is_open_registration(owner):
        mails.send_notice(owner)
    else:
        mails.send_change_token(user, make_change_token(user), describe_lifetime())
    logger.info("sent address change mails to user %s", user_id)
    return "sent"


@shared_task(name="accounts.forget_activity", ignore_result=True, expires=3600)
def forget() -> dict[str, int]:
    """Delete what was to be remembered for a time only.

    :returns: how many rows of each model are gone.
    """
    return forget_activity()
