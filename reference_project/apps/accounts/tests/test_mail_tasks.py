"""The mail tasks send what they should, and let nothing secret out."""

import logging
from collections.abc import Callable
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from celery.exceptions import Retry
from django.core import mail

from apps.accounts import mails
from apps.accounts.models import OTP, CustomUser
from apps.accounts.tasks import send_registration_notice, send_verification_mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(make_user: Callable[..., CustomUser]) -> CustomUser:
    """A user whose address is not verified."""
    return make_user(email_verified=False)


@pytest.mark.smoke
def test_code_is_mailed_and_the_log_keeps_it_secret(
    user: CustomUser, caplog: pytest.LogCaptureFixture
) -> None:
    otp = OTP.create(user)
    with caplog.at_level(logging.INFO):
        result = send_verification_mail.delay(user.pk)
    assert result.get() == "sent"
    (message,) = mail.outbox
    assert message.to == [user.email]
    assert f"Your code is {otp.code}\n" in message.body
    assert "good for 10 minutes" in message.body
    lines = [record.getMessage() for record in caplog.records]
    assert f"sent verification mail to user {user.pk}" in lines
    assert not [line for line in lines if user.email in line]


def test_nothing_is_sent_without_a_valid_code(user: CustomUser) -> None:
    assert send_verification_mail(user.pk) == "nothing to send"
    OTP.create(user)
    OTP.objects.update(tries=5)
    assert send_verification_mail(user.pk) == "nothing to send"
    assert send_verification_mail(0) == "nothing to send"
    assert mail.outbox == []


def test_notice_is_mailed(user: CustomUser) -> None:
    assert send_registration_notice(user.pk) == "sent"
    assert mail.outbox[0].to == [user.email]
    assert send_registration_notice(0) == "nothing to send"


@pytest.mark.parametrize("error", [SMTPServerDisconnected, ConnectionRefusedError, TimeoutError])
def test_mail_server_that_is_down_is_tried_again(
    user: CustomUser, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    OTP.create(user)

    def refuse(*_: Any) -> None:
        raise error

    monkeypatch.setattr(mails, "send_code", refuse)
    waits: list[float] = []

    def note_retry(*_: Any, countdown: float, **__: Any) -> Retry:
        waits.append(countdown)
        return Retry()

    monkeypatch.setattr(send_verification_mail, "retry", note_retry)
    with pytest.raises(Retry):
        send_verification_mail(user.pk)
    assert 0 <= waits[0] <= 120
