"""The words of the mails about accounts, and sending them."""

from urllib.parse import urlencode

from django.conf import settings
from django.core.mail import send_mail

from apps.accounts.models import OTP, CustomUser


def send_code(user: CustomUser, otp: OTP) -> None:
    """Mail a code to its user.

    :param user: whose address it goes to.
    :param otp: the code.
    :raises OSError: when the mail server cannot be reached.
    :raises smtplib.SMTPException: when the mail server refuses.
    """
    minutes = int(settings.OTP_LIFETIME.total_seconds() // 60)
    send_mail(
        "Your code",
        f"Your code is {otp.code}\n\n"
        f"It shows that this address is yours, and is good for {minutes} minutes.\n"
        "If you did not ask for it, do not enter it anywhere: somebody else tried to register\n"
        "with your address.\n",
        None,
        [user.email],
    )


def send_notice(user: CustomUser) -> None:
    """Mail the owner of an account that somebody tried to register with its address.

    :param user: the owner.
    :raises OSError: when the mail server cannot be reached.
    :raises smtplib.SMTPException: when the mail server refuses.
    """
    send_mail(
        "You already have an account",
        "Somebody, perhaps you, tried to get an account with this address. It already has one,\n"
        "which was not changed. If it was you, just log in, or ask for a new password.\n",
        None,
        [user.email],
    )


def send_reset_token(user: CustomUser, token: str, lifetime: str) -> None:
    """Mail somebody the token with which the password can be set.

    :param user: whose address it goes to.
    :param token: the token.
    :param lifetime: how long it is good, in words.
    :raises OSError: when the mail server cannot be reached.
    :raises smtplib.SMTPException: when the mail server refuses.
    """
    send_mail(
        "Set a new password",
        f"{describe_use(settings.PASSWORD_RESET_URL, token)}\n\n"
        f"It sets a new password once, within {lifetime}.\n"
        "If you did not ask for it, do nothing: your password stays as it is.\n",
        None,
        [user.email],
    )


def send_password_changed(user: CustomUser) -> None:
    """Mail somebody that the password of the account was changed.

    :param user: whose address it goes to.
    :raises OSError: when the mail server cannot be reached.
    :raises smtplib.SMTPException: when the mail server refuses.
    """
    send_mail(
        "Your password was changed",
        "The password of your account was changed, and everybody logged in to it was logged out.\n"
        "If it was not you, ask for a new password now.\n",
        None,
        [user.email],
    )


def send_change_token(user: CustomUser, token: str, lifetime: str) -> None:
    """Mail the pending address the token that confirms it.

    :param user: whose account it is.
    :param token: the token.
    :param lifetime: how long it is good, in words.
    :raises OSError: when the mail server cannot be reached.
    :raises smtplib.SMTPException: when the mail server refuses.
    """
    send_mail(
        "Confirm your new address",
        f"{describe_use(settings.ADDRESS_CHANGE_URL, token)}\n\n"
        f"It makes this the address of your account, within {lifetime}.\n"
        "If you did not ask for it, do nothing: somebody mistyped their own address.\n",
        None,
        [user.pending_email],
    )


def send_change_warning(user: CustomUser) -> None:
    """Mail the present address that another one is to replace it.

    :param user: whose account it is.
    :raises OSError: when the mail server cannot be reached.
    :raises smtplib.SMTPException: when the mail server refuses.
    """
    send_mail(
        "Your address is about to change",
        "Somebody who knows the password of your account asked to give it another address.\n"
        "If it was not you, change your password now; that undoes it.\n",
        None,
        [user.email],
    )


def describe_use(url: str, token: str) -> str:
    """Say what to do with a token.

    :param url: the page that takes it; empty when there is none.
    :param token: the token.
    :returns: a link to the page; or the token itself.
    """
    if not url:
        return f"Your token is {token}"
    return f"Open this page: {url}{'&' if '?' in url else '?'}{urlencode({'token': token})}"
