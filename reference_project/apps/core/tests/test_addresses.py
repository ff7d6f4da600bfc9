"""The visitor's address is found behind trusted proxies, and nobody can lie about it."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory, RequestFactory

from apps.core.addresses import client_address, find_client_address, read_client_address
from apps.core.checks import check_trusted_proxies

PROXIES = ["10.0.0.0/8", "2001:db8::/32"]


@pytest.mark.parametrize(
    ("remote", "forwarded", "found"),
    [
        ("198.51.100.4", "192.0.2.66", "198.51.100.4"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "192.0.2.66, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, 10.0.0.7", "203.0.113.9"),
        ("10.0.0.1", "10.0.0.9, 10.0.0.7", "10.0.0.9"),
        ("10.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("2001:db8::1", "[2a00:1450::5]:443", "2a00:1450::5"),
        ("10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, <script>", "10.0.0.1"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("", "203.0.113.9", ""),
    ],
)
def test_nearest_address_that_is_no_proxy_is_the_visitors(
    remote: str, forwarded: str, found: str
) -> None:
    assert find_client_address(remote, forwarded, PROXIES) == found


def test_unix_socket_is_believed_only_when_named() -> None:
    assert find_client_address("", "203.0.113.9", ["unix"]) == "203.0.113.9"


def read_through_middleware(**meta: str) -> str | None:
    found: list[str | None] = []

    def answer(request: HttpRequest) -> HttpResponse:
        found.append(read_client_address(request))
        return HttpResponse()

    client_address(answer)(RequestFactory().get("/", **meta))
    return found[0]


def test_middleware_puts_the_address_where_all_look_for_it(settings: Any) -> None:
    header = {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}
    assert read_through_middleware(**header) == "127.0.0.1"
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    assert read_through_middleware(**header) == "203.0.113.9"
    assert read_through_middleware(REMOTE_ADDR="") is None


@pytest.mark.parametrize("trusted", [[], ["127.0.0.1"]])
def test_middleware_serves_asgi_too(settings: Any, trusted: list[str]) -> None:
    from asgiref.sync import async_to_sync

    settings.TRUSTED_PROXIES = trusted

    async def answer(request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.META["REMOTE_ADDR"])

    request = AsyncRequestFactory().get("/", headers={"X-Forwarded-For": "203.0.113.9"})
    response = async_to_sync(client_address(answer))(request)
    assert response.content.decode() == ("203.0.113.9" if trusted else "127.0.0.1")


def test_proxy_that_is_none_is_named(settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8", "unix"]
    assert check_trusted_proxies() == []
    settings.TRUSTED_PROXIES = ["proxy.example.com"]
    (error,) = check_trusted_proxies()
    assert "TRUSTED_PROXIES holds 'proxy.example.com'" in error.msg
