"""Finds out where a request came from; headers are believed from known proxies only."""

import ipaddress
from collections.abc import Callable, Sequence
from functools import lru_cache

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# In TRUSTED_PROXIES: whatever reaches the server by a Unix socket, which has no address.
UNIX = "unix"


def read_client_address(request: HttpRequest) -> str | None:
    """Read where a request came from.

    :param request: the request, after :func:`client_address`.
    :returns: the address, or ``None`` when it is unknown, as behind a Unix socket.
    """
    return _parse(request.META.get("REMOTE_ADDR", ""))


@lru_cache(maxsize=1000)
def find_network(address: str | None) -> str:
    """Find what an address counts as.

    Whoever has an address of IPv6 has the 2**64 of its network, and can use another for every try.

    :param address: the address, if it is known.
    :returns: an address of IPv4 as it is; of IPv6 the network of 64 bits; empty when unknown.

    .. testcode::

        from apps.core.addresses import find_network

        print(find_network("192.0.2.7"), find_network("2001:db8::7"))

    .. testoutput::

        192.0.2.7 2001:db8::/64
    """
    if not address:
        return ""
    if ipaddress.ip_address(address).version == 4:
        return address
    return str(ipaddress.ip_network((address, 64), strict=False))


def find_client_address(remote: str, forwarded: str, trusted: Sequence[str]) -> str:
    """Find the first address that is no proxy of ours, from the end of what proxies noted.

    Every proxy appends the address that it was asked from, so the end is what the nearest one saw,
    and the beginning is whatever the visitor sent.

    :param remote: the address that the connection came from; empty for a Unix socket.
    :param forwarded: the header ``X-Forwarded-For``.
    :param trusted: the addresses and networks of proxies, and ``unix``.
    :returns: the address of the visitor; ``remote`` unless that is a proxy.

    .. testcode::

        from apps.core.addresses import find_client_address

        header = "192.0.2.66, 203.0.113.9, 10.0.0.2"
        print(find_client_address("10.0.0.1", header, ["10.0.0.0/8"]))
        print(find_client_address("198.51.100.4", header, ["10.0.0.0/8"]))

    .. testoutput::

        203.0.113.9
        198.51.100.4
    """
    networks = [ipaddress.ip_network(one, strict=False) for one in trusted if one != UNIX]
    found = remote
    if not _is_proxy(remote, networks, UNIX in trusted):
        return found
    for item in reversed(forwarded.split(",")):
        if (address := _parse(_strip_port(item.strip()))) is None:
            # Not written by one of ours, so neither is anything before it.
            break
        found = address
        if not _is_proxy(address, networks, False):
            break
    return found


@sync_and_async_middleware
def client_address(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Put the visitor's address where everything looks for it: throttles, logs, histories.

    :param get_response: what answers the request.
    :returns: the middleware.
    """
    trusted = settings.TRUSTED_PROXIES

    def note(request: HttpRequest) -> None:
        if trusted:
            request.META["REMOTE_ADDR"] = find_client_address(
                request.META.get("REMOTE_ADDR", ""),
                request.META.get("HTTP_X_FORWARDED_FOR", ""),
                trusted,
            )

    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            note(request)
            return await get_response(request)

        return answer_async  # type: ignore[return-value]

    def answer(request: HttpRequest) -> HttpResponseBase:
        note(request)
        return get_response(request)

    return answer


def _is_proxy(address: str, networks: Sequence[Network], sockets: bool) -> bool:
    if not address:
        return sockets
    parsed = _parse(address)
    return parsed is not None and any(ipaddress.ip_address(parsed) in one for one in networks)


def _parse(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def _strip_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
