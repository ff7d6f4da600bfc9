"""Changing and replacing passwords, and ending tokens."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.test import override_settings
from rest_framework.test import APIClient

from apps.accounts.mailed_tokens import find_user_of_reset, make_reset_token
from apps.accounts.models import CustomUser
from apps.accounts.passwords import change_password, reset_password
from apps.accounts.tasks import send_address_change_mails
from apps.accounts.tests.factories import PASSWORD
from apps.accounts.tests.test_registration import LOGIN, post, read_code
from apps.core.models import Task
from apps.core.outbox import queue_task

URL = "/api/v1/accounts/"
NEW = "another long password"
MakeUser = Callable[..., CustomUser]

__all__ = ["post"]
pytestmark = pytest.mark.django_db


def bearer(token: str) -> dict[str, str]:
    """Make the header that carries a token."""
    return {"authorization": f"Bearer {token}"}


def read_token() -> str:
    """Read the token from the latest mail that holds one."""
    found = [re.search(r"Your token is (\S+)", message.body) for message in mail.outbox]
    return [match for match in found if match][-1].group(1)


def test_change_ends_every_token_and_answers_new_ones(
    client: APIClient, make_user: MakeUser
) -> None:
    user = make_user()
    old = client.post(f"{URL}token/", LOGIN).json()
    body = {"password": PASSWORD, "new_password": NEW}
    response = client.post(f"{URL}me/password/", body, headers=bearer(old["access"]))
    assert response.status_code == 200
    new = response.json()
    assert client.get(f"{URL}me/", headers=bearer(old["access"])).status_code == 401
    assert client.post(f"{URL}token/refresh/", {"refresh": old["refresh"]}).status_code == 401
    assert client.get(f"{URL}me/", headers=bearer(new["access"])).status_code == 200
    fresh = client.post(f"{URL}token/refresh/", {"refresh": new["refresh"]}).json()["access"]
    assert client.get(f"{URL}me/", headers=bearer(fresh)).status_code == 200
    user.refresh_from_db()
    assert user.check_password(NEW)


def test_owner_is_told_of_a_new_password(
    make_user: MakeUser, log_in: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        body = {"password": PASSWORD, "new_password": NEW}
        assert log_in(make_user()).post(f"{URL}me/password/", body).status_code == 200
    assert [message.subject for message in mail.outbox] == ["Your password was changed"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"password": "not the password", "new_password": NEW}, "password"),
        ({"password": PASSWORD, "new_password": "short"}, "new_password"),
        ({"password": PASSWORD, "new_password": "ada@example.org"}, "new_password"),
        ({"new_password": NEW}, "password"),
        ({"password": PASSWORD}, "new_password"),
    ],
)
def test_bad_change_is_refused_and_named(
    make_user: MakeUser, log_in: Any, body: dict[str, str], field: str
) -> None:
    user = make_user()
    response = log_in(user).post(f"{URL}me/password/", body)
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_forgotten_password_is_replaced_once(post: Any, make_user: MakeUser) -> None:
    make_user()
    old = post("token", **LOGIN).json()
    assert post("password/reset", email="ADA@example.org").status_code == 202
    token = read_token()
    assert post("password/reset/confirm", token=token, password="short").status_code == 400
    assert post("password/reset/confirm", token=token, password=NEW).status_code == 200
    assert post("token", **LOGIN).status_code == 401
    assert post("token", email="ada@example.org", password=NEW).status_code == 200
    assert post("token/refresh", refresh=old["refresh"]).status_code == 401
    again = post("password/reset/confirm", token=token, password=NEW)
    assert again.status_code == 400
    assert list(again.json()["errors"]) == ["token"]


def test_reset_tells_nobody_who_has_an_account(
    post: Any, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user()
    make_user("closed@example.org", is_active=False)
    hashes: list[str] = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda *args: hashes.append(args[1]) or encode(*args)
    )
    answers = [
        post("password/reset", email=f"{who}@example.org") for who in ("ada", "closed", "nobody")
    ]
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1
    assert len(hashes) == 3
    assert [message.to for message in mail.outbox] == [["ada@example.org"]]


def test_nobodys_letter_box_is_filled(post: Any, make_user: MakeUser) -> None:
    make_user()
    for _ in range(3):
        post("password/reset", email="ada@example.org")
    assert len(mail.outbox) == 1


def test_owner_of_an_address_takes_an_unverified_account_over(post: Any) -> None:
    post("register", email="ada@example.org", password="password of a stranger", last_name="Eve")
    code = read_code()
    post("password/reset", email="ada@example.org")
    assert post("password/reset/confirm", token=read_token(), password=NEW).status_code == 200
    user = CustomUser.objects.get()
    assert user.email_verified and user.last_name == "" and user.check_password(NEW)
    assert post("verify", email="ada@example.org", code=code).status_code == 400


@pytest.mark.parametrize(
    "token",
    ["", "x", "-", "MQ-x-y", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5-a-b", "\0-a-b", "é-a", "LTE-a-b"],
)
def test_made_up_token_is_nobodys(make_user: MakeUser, token: str) -> None:
    make_user()
    assert find_user_of_reset(token) is None


def test_token_ends_in_time(make_user: MakeUser) -> None:
    user = make_user()
    token = make_reset_token(user)
    assert find_user_of_reset(token) == user
    with override_settings(PASSWORD_RESET_TIMEOUT=-1):
        assert find_user_of_reset(token) is None


def test_token_of_a_closed_account_is_refused(make_user: MakeUser) -> None:
    user = make_user()
    token = make_reset_token(user)
    CustomUser.objects.update(is_active=False)
    assert find_user_of_reset(token) is None


@override_settings(PASSWORD_RESET_URL="https://shop.example.com/reset?lang=en")
def test_mail_links_to_the_page_when_there_is_one(post: Any, make_user: MakeUser) -> None:
    make_user()
    post("password/reset", email="ada@example.org")
    link = re.search(r"https://\S+", mail.outbox[0].body).group()
    assert link.startswith("https://shop.example.com/reset?lang=en&token=")
    assert find_user_of_reset(link.rpartition("=")[2]) is not None


def test_nothing_secret_waits_in_the_outbox(make_user: MakeUser) -> None:
    from apps.accounts.tasks import send_password_reset_mail

    user = make_user()
    row = queue_task(send_password_reset_mail, user.pk, ingestor="accounts")
    assert Task.objects.get(pk=row.pk).arguments == {"args": [user.pk], "kwargs": {}}


def test_revoked_token_is_refused(post: Any, make_user: MakeUser) -> None:
    make_user()
    kept, ended = post("token", **LOGIN).json(), post("token", **LOGIN).json()
    assert post("token/revoke", refresh=ended["refresh"]).status_code == 204
    assert post("token/refresh", refresh=ended["refresh"]).status_code == 401
    assert post("token/revoke", refresh=ended["refresh"]).status_code == 401
    assert post("token/refresh", refresh=kept["refresh"]).status_code == 200


def test_tokens_are_not_shown_in_the_admin_site(make_user: MakeUser) -> None:
    from django.contrib import admin
    from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

    assert not admin.site.is_registered(OutstandingToken)
    assert not admin.site.is_registered(BlacklistedToken)


@pytest.mark.parametrize("way", ["change", "reset"])
def test_new_password_takes_a_change_of_address_back(make_user: MakeUser, way: str) -> None:
    user = make_user(pending_email="eve@example.net")
    (change_password if way == "change" else reset_password)(user, NEW)
    user.refresh_from_db()
    assert user.pending_email == ""
    # A mail that waited for its server all the while must not carry a token that works.
    assert send_address_change_mails(user.pk) == "nothing to send"
