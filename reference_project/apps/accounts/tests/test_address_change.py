"""Changing the e-mail address: only to one that is shown to be one's own."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import override_settings
from rest_framework.test import APIClient

from apps.accounts.address_changes import confirm_change
from apps.accounts.mailed_tokens import make_change_token
from apps.accounts.models import CustomUser
from apps.accounts.tests.factories import PASSWORD
from apps.accounts.tests.test_passwords import read_token

URL = "/api/v1/accounts/"
NEW = "ada@example.net"
MakeUser = Callable[..., CustomUser]

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(make_user: MakeUser, log_in: Any, django_capture_on_commit_callbacks: Any) -> Any:
    """Ask for another address as an ordinary user, and do what the commit sets off."""
    user = make_user()

    def ask(email: str = NEW, password: str = PASSWORD) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            body = {"email": email, "password": password}
            return log_in(user).post(f"{URL}me/email/", body)

    return ask


def test_address_changes_when_it_is_confirmed(ask: Any, client: APIClient) -> None:
    assert ask("Ada@Example.NET").status_code == 202
    assert client.get(f"{URL}me/").json()["pending_email"] == NEW
    assert CustomUser.objects.get().email == "ada@example.org"
    assert [message.to for message in mail.outbox] == [["ada@example.org"], [NEW]]
    token = read_token()
    client.force_authenticate(None)
    assert client.post(f"{URL}email/confirm/", {"token": token}).status_code == 200
    user = CustomUser.objects.get()
    assert (user.email, user.pending_email, user.email_verified) == (NEW, "", True)
    response = client.post(f"{URL}email/confirm/", {"token": token})
    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["token"]


def test_no_letter_box_is_filled(
    make_user: MakeUser, log_in: Any, django_capture_on_commit_callbacks: Any
) -> None:
    for email in ("ada@example.org", "eve@example.org"):
        client = log_in(make_user(email))
        for address in (NEW, NEW.upper(), "other@example.net"):
            with django_capture_on_commit_callbacks(execute=True):
                body = {"email": address, "password": PASSWORD}
                assert client.post(f"{URL}me/email/", body).status_code == 202
    sent = [message.to[0] for message in mail.outbox if message.to[0].endswith(".net")]
    assert sent == [NEW, "other@example.net"]


def test_change_takes_the_password(ask: Any) -> None:
    response = ask(password="not the password")
    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["password"]
    assert CustomUser.objects.get().pending_email == ""


def test_address_of_somebody_else_is_answered_alike_and_not_given(
    ask: Any, make_user: MakeUser
) -> None:
    make_user("eve@example.org")
    assert ask("eve@example.org").content == ask(NEW).content
    subjects = [(message.to[0], message.subject) for message in mail.outbox]
    assert ("eve@example.org", "You already have an account") in subjects
    ask("eve@example.org")
    user = CustomUser.objects.get(email="ada@example.org")
    assert confirm_change(make_change_token(user)) is False
    assert CustomUser.objects.filter(email="eve@example.org").count() == 1


def test_registering_an_address_does_not_keep_it_from_its_owner(
    ask: Any, make_user: MakeUser
) -> None:
    make_user(NEW, email_verified=False, pending_registrations=1, first_name="Eve")
    ask()
    assert confirm_change(read_token()) is True
    assert CustomUser.objects.get().email == NEW


@pytest.mark.parametrize("change", ["password", "pending_email", "is_active"])
def test_token_ends_with_what_it_was_made_from(ask: Any, change: str) -> None:
    ask()
    user = CustomUser.objects.get()
    if change == "password":
        user.set_password("another long password")
    else:
        setattr(user, change, "eve@example.net" if change == "pending_email" else False)
    user.save()
    assert confirm_change(read_token()) is False


def test_token_ends_in_time(ask: Any) -> None:
    ask()
    with override_settings(PASSWORD_RESET_TIMEOUT=-1):
        assert confirm_change(read_token()) is False


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "\x00", "é"])
def test_made_up_token_changes_nothing(ask: Any, token: str) -> None:
    ask()
    assert confirm_change(token) is False
    assert CustomUser.objects.get().email == "ada@example.org"
