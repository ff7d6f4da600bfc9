"""The words of the mails about accounts, and sending them."""

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
        "Somebody, perhaps you, tried to register with this address. It already has an account,\n"
        "which was not changed. If it was you, just log in.\n",
        None,
        [user.email],
    )
