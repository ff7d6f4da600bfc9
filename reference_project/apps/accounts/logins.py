"""Records every try to log in, and refuses to look at passwords where too many were wrong."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from apps.accounts.clients import describe_client, find_location, read_user_agent
from apps.accounts.fields import normalise_address
from apps.accounts.models import (
    CustomUser,
    ExtraData,
    LoginAttemptsHistory,
    LoginHistoryTrail,
)
from apps.core.addresses import find_network, read_client_address

SALT = "apps.accounts.logins"


def begin_attempt(request: HttpRequest, email: str) -> LoginAttemptsHistory:
    """Record that somebody tries to log in; it counts as failed until it is known better.

    It is recorded before the failures are counted: of any number of tries at the same moment, none
    overlooks the others.

    :param request: the request that carries the password.
    :param email: the address, as it was typed.
    :returns: the attempt, saved.
    """
    address = read_client_address(request)
    return LoginAttemptsHistory.objects.create(
        user=CustomUser.objects.filter(email=email).first(),
        account=digest_account(email),
        ip_address=address,
        network=find_network(address),
        user_agent=read_user_agent(request),
        location=find_location(address),
    )


def count_seconds_to_wait(attempt: LoginAttemptsHistory) -> int:
    """Count how long to wait before a password is looked at.

    Failures count per network, which is one address of IPv4 and the /64 of an address of IPv6; and
    per account since its last login, but whoever comes from where the account was used before is
    not kept out by the failures of others. The same holds for accounts that do not exist, of which
    nothing can be learned that way.

    :param attempt: the try in question.
    :returns: seconds; 0 when the password may be looked at.
    """
    since = attempt.timestamp - timedelta(seconds=settings.LOGIN_FAILURE_SECONDS)
    recent = LoginAttemptsHistory.objects.filter(timestamp__gt=since, refused=False)
    failures = recent.filter(successful=False).exclude(pk=attempt.pk)
    of_account = failures.filter(account=attempt.account)
    logins = LoginAttemptsHistory.objects.filter(account=attempt.account, successful=True)
    last = logins.order_by("-timestamp").values_list("timestamp", flat=True).first()
    # Asked in any case, so that the wait for an account takes no longer than for none.
    known = logins.filter(network=attempt.network).exclude(network="").exists()
    if last is not None:
        of_account = of_account.filter(timestamp__gt=last)
    if known:
        of_account = of_account.filter(network=attempt.network)
    waits = [_wait(of_account, settings.LOGIN_MAX_FAILURES)]
    if attempt.network:
        from_network = failures.filter(network=attempt.network)
        waits.append(_wait(from_network, settings.LOGIN_MAX_FAILURES_PER_ADDRESS))
    return max(waits)


def finish_attempt(attempt: LoginAttemptsHistory, user: Any, *, refused: bool = False) -> None:
    """Record how a try ended; whose account it was can see that, unless it was refused.

    Of tries that were refused, the latest of each network is kept: who goes on and on fills no
    table. Refusing takes the same statements for accounts that exist and for others.

    :param attempt: the try.
    :param user: who is logged in now, or nobody.
    :param refused: whether the password was not looked at.
    """
    attempt.successful, attempt.refused = user is not None, refused
    # Written in any case, so that a failure takes about as long with an account as without.
    attempt.save(update_fields=["successful", "refused"])
    if refused:
        _forget_refused_before(attempt)
        return
    if attempt.user is None:
        return
    told = {"user": attempt.user, "ip_address": attempt.ip_address, "location": attempt.location}
    LoginHistoryTrail.objects.create(
        successful=attempt.successful, user_agent=attempt.user_agent, **told
    )
    if attempt.successful:
        ExtraData.objects.create(**told, **describe_client(attempt.user_agent))


def digest_account(email: str) -> str:
    """Make the key under which the tries of an account are counted, whether it exists or not.

    :param email: the address, as it was typed.
    :returns: a digest that says nothing without the ``SECRET_KEY``.
    """
    return salted_hmac(SALT, normalise_address(email), algorithm="sha256").hexdigest()


def _forget_refused_before(attempt: LoginAttemptsHistory) -> None:
    since = attempt.timestamp - timedelta(seconds=settings.LOGIN_FAILURE_SECONDS)
    refused = LoginAttemptsHistory.objects.filter(refused=True, timestamp__gt=since)
    if not attempt.network:
        refused = refused.filter(account=attempt.account)
    # Of two at the same moment, the later one stays.
    refused.filter(network=attempt.network, pk__lt=attempt.pk).delete()


def _wait(failures: QuerySet[LoginAttemptsHistory], limit: int) -> int:
    # The failure that has to pass before there are fewer than the limit again.
    times = failures.order_by("-timestamp").values_list("timestamp", flat=True)
    decisive = times[limit - 1 : limit].first() if limit > 0 else None
    if decisive is None:
        return 0
    end = decisive + timedelta(seconds=settings.LOGIN_FAILURE_SECONDS)
    return max(1, int((end - timezone.now()).total_seconds()) + 1)
