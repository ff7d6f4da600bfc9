"""Registering, verifying and asking for codes, without telling who has an account."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from rest_framework.test import APIClient

from apps.accounts import services
from apps.accounts.models import OTP, CustomUser
from apps.accounts.tests.factories import PASSWORD

URL = "/api/v1/accounts/"

LOGIN = {"email": "ada@example.org", "password": PASSWORD}
MakeUser = Callable[..., CustomUser]
Commit = Any

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(client: APIClient, django_capture_on_commit_callbacks: Commit) -> Callable[..., Any]:
    """Post to an endpoint, and do what its commit would set off."""

    def post(endpoint: str, **data: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(f"{URL}{endpoint}/", data)

    return post


def read_code() -> str:
    """Read the code from the latest mail."""
    return re.search(r"Your code is (\d{4})", mail.outbox[-1].body).group(1)


@pytest.mark.smoke
def test_from_registration_to_the_first_request(post: Any, client: APIClient) -> None:
    assert post("register", **LOGIN, first_name="Ada").status_code == 202
    assert post("token", **LOGIN).status_code == 401
    assert mail.outbox[-1].to == ["ada@example.org"]
    assert post("verify", email="ADA@example.org", code=read_code()).status_code == 200
    tokens = post("token", email="Ada@Example.org", password=PASSWORD).json()
    headers = {"authorization": f"Bearer {tokens['access']}"}
    assert client.get(f"{URL}me/", headers=headers).json()["first_name"] == "Ada"
    access = post("token/refresh", refresh=tokens["refresh"]).json()["access"]
    headers = {"authorization": f"Bearer {access}"}
    assert client.get(f"{URL}me/", headers=headers).status_code == 200


def test_known_and_unknown_addresses_get_the_same_answers(post: Any, make_user: MakeUser) -> None:
    make_user("verified@example.org")
    make_user("closed@example.org", is_active=False)
    post("register", **{**LOGIN, "email": "pending@example.org"})
    addresses = [f"{who}@example.org" for who in ("nobody", "verified", "closed", "pending")]
    for endpoint, rest in {
        "otp": {},
        "verify": {"code": "0000"},
        "token": {"password": "not the password"},
        "register": {"password": PASSWORD},
    }.items():
        OTP.objects.update(code="1111")
        answers = [post(endpoint, email=address, **rest) for address in addresses]
        assert len({(answer.status_code, answer.content) for answer in answers}) == 1, endpoint
        # The request's own name differs, whoever asks.
        headers = [{**answer.headers, "X-Request-ID": ""} for answer in answers]
        assert len({tuple(one.items()) for one in headers}) == 1, endpoint


@pytest.mark.parametrize("endpoint", ["register", "otp", "verify", "token"])
def test_known_and_unknown_addresses_cost_one_hash(
    post: Any, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    from django.contrib.auth.hashers import MD5PasswordHasher

    make_user("verified@example.org")
    make_user("pending@example.org", email_verified=False, pending_registrations=1)
    hashes: list[str] = []
    encode = MD5PasswordHasher.encode

    def count(self: Any, password: str, salt: str) -> str:
        hashes.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", count)
    counts = set()
    for who in ("nobody", "verified", "pending"):
        hashes.clear()
        post(endpoint, email=f"{who}@example.org", password="not the password", code="1234")
        counts.add(len(hashes))
    assert counts == {1}


def test_owner_of_a_verified_account_is_told_once_and_keeps_it(
    post: Any, make_user: MakeUser
) -> None:
    user = make_user(first_name="Ada")
    for _ in range(3):
        post(
            "register", email="ADA@example.org", password="another long password", first_name="Eve"
        )
    user.refresh_from_db()
    assert user.first_name == "Ada"
    assert user.check_password(PASSWORD)
    assert [message.subject for message in mail.outbox] == ["You already have an account"]
    assert not OTP.objects.exists()


PRIVILEGES = {
    "is_staff": True,
    "is_superuser": True,
    "is_active": False,
    "email_verified": True,
    "groups": [1],
    "user_permissions": [1],
    "id": 77,
    "date_joined": "2001-01-01T00:00:00Z",
}


def test_registration_sets_no_privilege(post: Any) -> None:
    post("register", **LOGIN, **PRIVILEGES)
    user = CustomUser.objects.get()
    assert user.is_active
    assert not (user.is_staff or user.is_superuser or user.email_verified)
    assert not user.groups.exists()
    assert user.pk != 77
    assert user.date_joined.year != 2001


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": ""}, "email"),
        ({"email": None}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "123456789012"}, "password"),
        ({"password": "password1234"}, "password"),
        ({"password": "ada@example.org"}, "password"),
        ({"phone_number": "12"}, "phone_number"),
        ({"first_name": "a" * 151}, "first_name"),
        ({"first_name": "nul\x00"}, "first_name"),
    ],
)
def test_bad_values_are_named(post: Any, changed: dict[str, Any], field: str) -> None:
    response = post("register", **{**LOGIN, **changed})
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert not CustomUser.objects.exists()


def test_half_a_character_is_refused(client: APIClient) -> None:
    body = r'{"email": "ada@example.org", "password": "\ud800correct horse"}'
    response = client.post(f"{URL}register/", body, content_type="application/json")
    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["password"]


def test_new_code_replaces_the_old(post: Any) -> None:
    post("register", **LOGIN)
    assert post("otp", email="Ada@example.org").status_code == 202
    assert len(mail.outbox) == 2
    assert OTP.objects.filter(active=True).get().code == read_code()


def test_verified_account_gets_no_code(post: Any, make_user: MakeUser) -> None:
    make_user()
    post("otp", email="ada@example.org")
    assert mail.outbox == []


@pytest.mark.parametrize("code", ["12", "abcd", "", None, "１２３４", "12345"])
def test_code_that_is_none_is_refused(post: Any, code: Any) -> None:
    response = post("verify", email="ada@example.org", code=code)
    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["code"]


@pytest.mark.django_db(transaction=True)
def test_wrong_tries_stay_counted_though_the_answer_is_an_error(client: APIClient) -> None:
    client.post(f"{URL}register/", LOGIN)
    OTP.objects.update(code="1111")
    for tries in range(1, 6):
        wrong = {"email": "ada@example.org", "code": "2222"}
        assert client.post(f"{URL}verify/", wrong).status_code == 400
        assert OTP.objects.get().tries == tries
    right = {"email": "ada@example.org", "code": "1111"}
    assert client.post(f"{URL}verify/", right).status_code == 400


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("known", [True, False])
def test_broker_that_is_down_changes_no_answer(
    client: APIClient, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    def refuse(*_: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(services.send_verification_mail, "delay", refuse)
    if known:
        make_user(email_verified=False)
    assert client.post(f"{URL}otp/", {"email": "ada@example.org"}).status_code == 202
    assert OTP.objects.exists() is known


@pytest.mark.parametrize(
    ("scope", "endpoint"),
    [
        ("register", "register"),
        ("otp", "otp"),
        ("verify", "verify"),
        ("verify", "email/confirm"),
        ("token", "token"),
        ("refresh", "token/refresh"),
        ("refresh", "token/revoke"),
        ("reset", "password/reset"),
        ("reset", "password/reset/confirm"),
    ],
)
def test_each_endpoint_is_throttled(
    post: Any, monkeypatch: pytest.MonkeyPatch, scope: str, endpoint: str
) -> None:
    from rest_framework.throttling import ScopedRateThrottle

    rates = {**ScopedRateThrottle.THROTTLE_RATES, scope: "2/hour"}
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", rates)
    data = {"email": "ada@example.org", "password": PASSWORD, "code": "1234"}
    assert [post(endpoint, **data).status_code == 429 for _ in range(3)] == [False, False, True]
    response = post(endpoint, **data)
    assert int(response["Retry-After"]) > 3500
    assert response.json()["title"] == "Too Many Requests"


def test_limit_of_codes_changes_no_answer(post: Any) -> None:
    post("register", **LOGIN)
    answers = [post("otp", email="ada@example.org") for _ in range(6)]
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (202, answers[0].content)
    }
    assert len(mail.outbox) == 5
