"""How often somebody may ask: Django REST framework's throttles, counting an address's network.

Whoever has an address of IPv6 has the 2**64 of its network; counted one by one, they would never
come to an end.
"""

from rest_framework import throttling
from rest_framework.request import Request

from apps.core.addresses import find_network, read_client_address


class CountsNetworks:
    """What makes a throttle count who is not logged in by network; mix it in first."""

    def get_ident(self, request: Request) -> str:
        """Find what a request counts for.

        :param request: the request.
        :returns: an address of IPv4, the /64 of an address of IPv6, or an empty text when it is
            unknown, as behind a Unix socket.
        """
        return find_network(read_client_address(request))


class AnonRateThrottle(CountsNetworks, throttling.AnonRateThrottle):
    """Counts the requests of those who are not logged in."""


class UserRateThrottle(CountsNetworks, throttling.UserRateThrottle):
    """Counts all requests, by user or by network."""


class ScopedRateThrottle(CountsNetworks, throttling.ScopedRateThrottle):
    """Counts the requests of views that have a ``throttle_scope``, by user or by network."""
