"""What the API lists of this app, and how to have more of it: see tests/test_lists.py."""

from typing import Any

from apps.accounts.models import LoginHistoryTrail, UserVisitHistory


def add_logins(user: Any, number: int) -> None:
    """Add tries to log in.

    :param user: whose account it is.
    :param number: how many.
    """
    for _ in range(number):
        LoginHistoryTrail.objects.create(user=user, ip_address="192.0.2.7")


def add_visits(user: Any, number: int) -> None:
    """Add visits.

    :param user: who visited.
    :param number: how many.
    """
    for _ in range(number):
        UserVisitHistory.objects.create(user=user, url="/example")


LISTS = {"/api/v1/accounts/me/logins/": add_logins, "/api/v1/accounts/me/visits/": add_visits}
