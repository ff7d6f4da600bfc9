"""What this app keeps of people, told to the export of their data."""

from collections.abc import Iterable
from typing import Any

from apps.accounts.models import CustomUser, ExtraData, LoginAttemptsHistory, UserVisitHistory
from apps.accounts.personal import register_personal_data
from apps.accounts.serializers import LoginSerializer, MeSerializer, VisitSerializer

ATTEMPT_FIELDS = ("timestamp", "successful", "refused", "ip_address", "user_agent", "location")
CLIENT_FIELDS = ("timestamp", "browser", "os", "device", "ip_address", "location")


def register() -> None:
    """Have all of it exported; the rows go with their user's."""
    register_personal_data("account", lambda user: [collect_account(user)])
    register_personal_data(
        "logins", lambda user: LoginSerializer(user.loginhistorytrail_set.all(), many=True).data
    )
    register_personal_data("login_attempts", collect_attempts)
    register_personal_data("clients", collect_clients)
    register_personal_data("visits", collect_visits)


def collect_account(user: CustomUser) -> dict[str, Any]:
    """Collect what the account itself says.

    :param user: whose it is.
    :returns: the fields that its owner may see.
    """
    return dict(MeSerializer(user).data)


def collect_attempts(user: CustomUser) -> Iterable[dict[str, Any]]:
    """Collect the tries to log in to the account.

    :param user: whose it is.
    :returns: the tries, the latest first.
    """
    return LoginAttemptsHistory.objects.filter(user=user).values(*ATTEMPT_FIELDS)


def collect_clients(user: CustomUser) -> Iterable[dict[str, Any]]:
    """Collect what somebody logged in with.

    :param user: who it was.
    :returns: one entry for each login, the latest first.
    """
    return ExtraData.objects.filter(user=user).values(*CLIENT_FIELDS)


def collect_visits(user: CustomUser) -> Iterable[dict[str, Any]]:
    """Collect the pages that somebody visited.

    :param user: who it was.
    :returns: the visits, the latest first.
    """
    return VisitSerializer(UserVisitHistory.objects.filter(user=user), many=True).data
