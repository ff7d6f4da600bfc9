"""One's own account over HTTP: read it, change the harmless parts, nothing else."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import CustomUser
from apps.accounts.tests.test_registration import LOGIN, PRIVILEGES

URL = "/api/v1/accounts/me/"
MakeUser = Callable[..., CustomUser]

pytestmark = pytest.mark.django_db


@pytest.fixture
def me(make_user: MakeUser, log_in: Callable[[CustomUser], APIClient]) -> APIClient:
    """A client of an ordinary user."""
    return log_in(make_user(first_name="Ada"))


def test_account_shows_no_secret_and_no_privilege(me: APIClient) -> None:
    assert set(me.get(URL).json()) == {
        "id",
        "email",
        "first_name",
        "last_name",
        "phone_number",
        "record_visits",
        "pending_email",
        "date_joined",
    }


def test_names_and_number_can_be_changed(me: APIClient) -> None:
    response = me.patch(URL, {"last_name": "Lovelace", "phone_number": "+14155550123"})
    assert response.status_code == 200
    user = CustomUser.objects.get()
    assert (user.first_name, user.last_name) == ("Ada", "Lovelace")
    assert user.phone_number == "+14155550123"


def test_nothing_else_can_be_changed(me: APIClient) -> None:
    before = CustomUser.objects.values().get()
    changes = {**PRIVILEGES, "email": "eve@example.org", "password": "another password"}
    assert me.patch(URL, changes).status_code == 200
    assert CustomUser.objects.values().get() == before


def test_change_touches_nothing_else_that_was_loaded(
    make_user: MakeUser, log_in: Callable[[CustomUser], APIClient]
) -> None:
    user = make_user()
    me = log_in(CustomUser.objects.get())
    user.set_password("another long password")
    user.is_active, user.last_name = False, "Lovelace"
    user.save()
    assert me.patch(URL, {"first_name": "Ada"}).status_code == 200
    user.refresh_from_db()
    assert user.check_password("another long password")
    assert (user.is_active, user.get_full_name()) == (False, "Ada Lovelace")


def test_change_does_not_bring_an_account_back(me: APIClient) -> None:
    CustomUser.objects.all().delete()
    assert me.patch(URL, {"first_name": "Ada"}).status_code == 401
    assert not CustomUser.objects.exists()


def test_bad_number_is_named(me: APIClient) -> None:
    response = me.patch(URL, {"phone_number": "12"})
    assert response.status_code == 400
    assert "country code" in response.json()["errors"]["phone_number"][0]


@pytest.mark.parametrize("method", ["put", "post", "delete"])
def test_other_methods_are_refused(me: APIClient, method: str) -> None:
    response = getattr(me, method)(URL, {})
    assert response.status_code == 405
    assert response.json()["code"] == "method_not_allowed"


@pytest.mark.smoke
def test_strangers_are_refused(client: APIClient) -> None:
    response = client.get(URL)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["title"] == "Unauthorized"
    assert problem["code"] == "not_authenticated"


def test_spoilt_token_is_refused(client: APIClient) -> None:
    response = client.get(URL, headers={"authorization": "Bearer spoilt"})
    assert response.status_code == 401
    assert response.json()["code"] == "token_not_valid"


@pytest.mark.parametrize("change", ["close", "delete"])
def test_tokens_of_a_closed_or_deleted_account_are_refused(
    client: APIClient, make_user: MakeUser, change: str
) -> None:
    user = make_user()
    tokens = client.post("/api/v1/accounts/token/", LOGIN).json()
    if change == "close":
        CustomUser.objects.update(is_active=False)
    else:
        user.delete()
    headers = {"authorization": f"Bearer {tokens['access']}"}
    assert client.get(URL, headers=headers).status_code == 401
    body = {"refresh": tokens["refresh"]}
    assert client.post("/api/v1/accounts/token/refresh/", body).status_code == 401
