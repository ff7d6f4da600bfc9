"""Fresh tokens and logging out are counted per user; whoever has no token, by network."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils.module_loading import import_string
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework.throttling import ScopedRateThrottle
from rest_framework_simplejwt.tokens import RefreshToken

from apps.accounts.models import CustomUser
from apps.accounts.throttles import TokenOwnerThrottle

URL = "/api/v1/accounts/token"
MakeUser = Callable[..., CustomUser]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _rates(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = {**ScopedRateThrottle.THROTTLE_RATES, "refresh": "3/hour", "token": "1/hour"}
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", rates)


def test_an_office_behind_one_address_stays_logged_in(
    client: APIClient, make_user: MakeUser
) -> None:
    for number in range(4):
        user = make_user(f"user{number}@example.org")
        for _ in range(2):
            body = {"refresh": str(RefreshToken.for_user(user))}
            assert client.post(f"{URL}/refresh/", body).status_code == 200
        assert client.post(f"{URL}/revoke/", body).status_code == 204
        assert client.post(f"{URL}/refresh/", body).status_code == 429


@pytest.mark.parametrize(
    "body", [{}, {"refresh": None}, {"refresh": 7}, {"refresh": ["x"]}, {"refresh": "x.y.z"}, []]
)
def test_what_is_no_token_counts_for_its_address(client: APIClient, body: Any) -> None:
    answers = [client.post(f"{URL}/refresh/", body).status_code for _ in range(4)]
    assert answers[:3] == [answers[0]] * 3
    assert answers[0] in {400, 401} and answers[3] == 429
    assert client.post(f"{URL}/refresh/", body, REMOTE_ADDR="192.0.2.9").status_code != 429


def test_token_that_somebody_else_signed_counts_for_its_address(
    client: APIClient, make_user: MakeUser
) -> None:
    victim = make_user()
    header, payload, _ = str(RefreshToken.for_user(victim)).split(".")
    forged = {"refresh": f"{header}.{payload}.c2lnbmF0dXJl"}
    for _ in range(4):
        client.post(f"{URL}/refresh/", forged, REMOTE_ADDR="192.0.2.9")
    body = {"refresh": str(RefreshToken.for_user(victim))}
    assert client.post(f"{URL}/refresh/", body).status_code == 200


def test_addresses_of_one_network_of_ipv6_count_together(client: APIClient) -> None:
    def refresh(address: str) -> int:
        return client.post(f"{URL}/refresh/", {}, REMOTE_ADDR=address).status_code

    assert [refresh(f"2001:db8:1:2::{number}") for number in range(4)] == [400, 400, 400, 429]
    assert refresh("2001:db8:1:3::1") == 400


def test_all_throttles_count_networks(settings: Any) -> None:
    names = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_CLASSES"]
    request = Request(APIRequestFactory().get("/", REMOTE_ADDR="2001:db8:1:2::7"), [JSONParser()])
    throttles = [TokenOwnerThrottle, *(import_string(name) for name in names)]
    assert {one().get_ident(request) for one in throttles} == {"2001:db8:1:2::/64"}
