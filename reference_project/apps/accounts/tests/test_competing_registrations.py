"""Anybody can register anybody's address: whoever reads its mails gets the account, nobody else."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from rest_framework.test import APIClient

from apps.accounts.models import OTP, CustomUser
from apps.accounts.tests.factories import PASSWORD
from apps.accounts.tests.test_registration import LOGIN, post, read_code

ADDRESS = "ada@example.org"
OURS = {**LOGIN, "first_name": "Ada"}
STRANGERS = {"email": ADDRESS, "password": "password of a stranger", "first_name": "Eve"}
ORDERS = {
    "stranger_first": [STRANGERS, OURS],
    "stranger_last": [OURS, STRANGERS],
    "stranger_between": [OURS, STRANGERS, OURS],
    "stranger_with_every_code": [STRANGERS] * 5 + [OURS],
    "stranger_with_all_other_codes": [OURS] + [STRANGERS] * 7,
}
MakeUser = Callable[..., CustomUser]

__all__ = ["post"]
pytestmark = pytest.mark.django_db


def may_log_in(post: Any, password: str) -> bool:
    """Say whether the account opens to a password."""
    return post("token", email=ADDRESS, password=password).status_code == 200


def verify(post: Any, code: str | None = None, **password: str) -> Any:
    """Enter a code; the latest that was mailed, unless told otherwise."""
    return post("verify", email=ADDRESS, code=code or read_code(), **password)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("again", [False, True], ids=["code", "new_code"])
def test_no_code_confirms_the_registration_of_a_stranger(
    post: Any, order: str, again: bool
) -> None:
    for registration in ORDERS[order]:
        assert post("register", **registration).status_code == 202
    if again:
        post("otp", email=ADDRESS)
    for code in {re.search(r"Your code is (\d{4})", one.body).group(1) for one in mail.outbox[-2:]}:
        assert verify(post, code).status_code == 400
    assert not CustomUser.objects.get().email_verified
    assert verify(post, password=PASSWORD).status_code == 200
    assert may_log_in(post, PASSWORD)
    assert not may_log_in(post, STRANGERS["password"])
    assert CustomUser.objects.get().first_name != "Eve"


def test_password_that_is_missing_is_named_and_the_code_stays_good(post: Any) -> None:
    for registration in (OURS, STRANGERS):
        post("register", **registration)
    for _ in range(6):
        answer = verify(post)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["password"])
    assert OTP.objects.get(active=True).tries == 0
    wrong = "0000" if read_code() != "0000" else "1111"
    assert list(verify(post, wrong).json()["errors"]) == ["code"]
    assert verify(post, password=PASSWORD).status_code == 200


def test_who_registers_twice_keeps_the_names(post: Any) -> None:
    for _ in range(2):
        post("register", **OURS)
    assert verify(post, password=PASSWORD).status_code == 200
    assert CustomUser.objects.get().first_name == "Ada"


def test_password_with_the_code_replaces_that_of_a_stranger_who_came_alone(post: Any) -> None:
    post("register", **STRANGERS)
    assert verify(post, password=PASSWORD).status_code == 200
    assert may_log_in(post, PASSWORD)
    assert not may_log_in(post, STRANGERS["password"])
    assert CustomUser.objects.get().first_name == ""


def test_weak_password_is_named_before_the_code_is_tried(post: Any) -> None:
    post("register", **OURS)
    answer = verify(post, password="short")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["password"])
    assert OTP.objects.get().tries == 0


def test_forgotten_password_ends_the_contest(post: Any, client: APIClient) -> None:
    from apps.accounts.mailed_tokens import make_reset_token

    for registration in (OURS, STRANGERS):
        post("register", **registration)
    body = {"token": make_reset_token(CustomUser.objects.get()), "password": PASSWORD}
    assert client.post("/api/v1/accounts/password/reset/confirm/", body).status_code == 200
    assert may_log_in(post, PASSWORD)
    assert CustomUser.objects.get().pending_registrations == 0


def test_code_sets_no_password_of_an_account_that_was_made(post: Any, make_user: MakeUser) -> None:
    make_user(email_verified=False, first_name="Ada")
    post("otp", email=ADDRESS)
    assert verify(post, password="another long password").status_code == 200
    assert may_log_in(post, PASSWORD)
    assert CustomUser.objects.get().first_name == "Ada"


def test_code_sets_no_password_of_a_registration_that_was_given_rights(post: Any) -> None:
    for registration in (OURS, STRANGERS):
        post("register", **registration)
    CustomUser.objects.update(is_staff=True)
    assert verify(post, password=PASSWORD).status_code == 400
    assert not CustomUser.objects.get().email_verified
