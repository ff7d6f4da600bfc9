"""The mail tasks send what they should, and let nothing secret out."""

import logging
from collections.abc import Callable
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from apps.accounts import mails
from apps.accounts.models import OTP, CustomUser
from apps.accounts.tasks import send_registration_notice, send_verification_mail
from apps.core.models import Task
from apps.core.outbox import queue_task
from apps.core.sweeper import sweep_tasks

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
    user: CustomUser,
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
    django_capture_on_commit_callbacks: Any,
) -> None:
    OTP.create(user)

    def refuse(*_: Any) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(mails, "send_code", refuse)
        with django_capture_on_commit_callbacks(execute=True):
            task = queue_task(send_verification_mail, user.pk, ingestor="test")
    task.refresh_from_db()
    assert (task.status, task.attempts) == ("pending", 1)
    assert task.error.startswith(error.__name__)
    assert timedelta(0) < task.due_at - timezone.now() <= timedelta(seconds=2)
    Task.objects.update(due_at=None, datetime=timezone.now() - timedelta(minutes=1))
    assert sweep_tasks() == {"given_back": 0, "sent": 1}
    assert len(mail.outbox) == 1
    assert not Task.objects.exists()
