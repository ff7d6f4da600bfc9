"""Every try to log in is recorded; too many failures end in waiting, for whoever failed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.models import CustomUser, ExtraData, LoginAttemptsHistory, LoginHistoryTrail
from apps.accounts.tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
TOKEN = "/api/v1/accounts/token/"
LOGINS = "/api/v1/accounts/me/logins/"
FIREFOX = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
Try = Callable[..., Any]


@pytest.fixture
def attempt(client: APIClient) -> Try:
    """Try to log in."""

    def attempt(
        email: str = "ada@example.org",
        password: str = "wrong",  # noqa: S107
        address: str = "192.0.2.7",
    ) -> Any:
        return client.post(
            TOKEN,
            {"email": email, "password": password},
            REMOTE_ADDR=address,
            HTTP_USER_AGENT=FIREFOX,
        )

    return attempt


def fail(attempt: Try, times: int, **options: str) -> None:
    for _ in range(times):
        assert attempt(**options).status_code == 401


def test_login_is_recorded_with_what_it_was_made_with(
    attempt: Try, make_user: Callable[..., CustomUser]
) -> None:
    user = make_user()
    assert attempt(password=PASSWORD).status_code == 200
    (tried,) = LoginAttemptsHistory.objects.all()
    (told,) = user.loginhistorytrail_set.all()
    for row in (tried, told):
        assert (row.user, row.successful, row.ip_address) == (user, True, "192.0.2.7")
        assert (row.user_agent, row.location) == (FIREFOX, "")
    (extra,) = ExtraData.objects.all()
    assert (extra.browser, extra.os, extra.ip_address) == ("Firefox 143.0", "Ubuntu", "192.0.2.7")


def test_failure_stays_recorded_though_the_answer_is_an_error(
    attempt: Try, make_user: Callable[..., CustomUser]
) -> None:
    user = make_user()
    fail(attempt, 1)
    assert not LoginAttemptsHistory.objects.get().successful
    assert not user.loginhistorytrail_set.get().successful
    assert not ExtraData.objects.exists()


def test_try_of_nobody_keeps_no_address(attempt: Try) -> None:
    fail(attempt, 1, email="nobody@example.org")
    tried = LoginAttemptsHistory.objects.get()
    assert tried.user is None
    assert "nobody" not in repr(vars(tried))
    assert not LoginHistoryTrail.objects.exists()


@pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
def test_account_waits_after_too_many_failures(
    attempt: Try, make_user: Callable[..., CustomUser], settings: Any, email: str
) -> None:
    settings.LOGIN_MAX_FAILURES = 3
    make_user()
    for number in range(3):
        fail(attempt, 1, email=email, address=f"192.0.2.{number}")
    refused = attempt(email=email.upper(), password=PASSWORD)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= settings.LOGIN_FAILURE_SECONDS
    assert refused["Content-Type"] == "application/problem+json"
    assert LoginAttemptsHistory.objects.filter(refused=True).count() == 1


def test_refusing_takes_the_same_statements_for_every_account(
    attempt: Try, make_user: Callable[..., CustomUser], settings: Any
) -> None:
    settings.LOGIN_MAX_FAILURES = 2
    make_user()
    assert attempt(password=PASSWORD, address="203.0.113.9").status_code == 200
    make_user("eve@example.org")
    statements = set()
    for email in ("ada@example.org", "eve@example.org", "nobody@example.org"):
        fail(attempt, 2, email=email)
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                assert attempt(email=email).status_code == 429
            statements.add(tuple(query["sql"].split(" ", 1)[0] for query in queries))
    assert len(statements) == 1


@pytest.mark.parametrize("address", ["192.0.2.7", ""])
def test_refused_tries_fill_no_table(
    attempt: Try, make_user: Callable[..., CustomUser], settings: Any, address: str
) -> None:
    settings.LOGIN_MAX_FAILURES = 2
    make_user()
    fail(attempt, 2, address=address)
    assert attempt(address="203.0.113.9").status_code == 429
    for _ in range(5):
        assert attempt(address=address).status_code == 429
    assert LoginAttemptsHistory.objects.filter(refused=True).count() == 2
    assert LoginAttemptsHistory.objects.filter(refused=False).count() == 2
    assert LoginHistoryTrail.objects.count() == 2


def test_wait_ends_when_a_failure_has_passed(
    attempt: Try, make_user: Callable[..., CustomUser], settings: Any
) -> None:
    settings.LOGIN_MAX_FAILURES = 2
    make_user()
    fail(attempt, 2)
    # What was refused does not make the wait any longer.
    assert attempt(password=PASSWORD).status_code == 429
    oldest = LoginAttemptsHistory.objects.earliest("timestamp")
    oldest.timestamp = timezone.now() - timedelta(seconds=settings.LOGIN_FAILURE_SECONDS)
    oldest.save()
    assert attempt(password=PASSWORD).status_code == 200


def test_login_forgives_earlier_failures(
    attempt: Try, make_user: Callable[..., CustomUser], settings: Any
) -> None:
    settings.LOGIN_MAX_FAILURES = 2
    make_user()
    for _ in range(2):
        fail(attempt, 1)
        assert attempt(password=PASSWORD).status_code == 200


def test_strangers_cannot_keep_the_owner_out(
    attempt: Try, make_user: Callable[..., CustomUser], settings: Any
) -> None:
    settings.LOGIN_MAX_FAILURES = 2
    make_user()
    home, elsewhere = {"address": "192.0.2.7"}, {"address": "203.0.113.9"}
    assert attempt(password=PASSWORD, **home).status_code == 200
    fail(attempt, 2, **elsewhere)
    assert attempt(password=PASSWORD, **elsewhere).status_code == 429
    assert attempt(password=PASSWORD, **home).status_code == 200


def test_address_waits_after_too_many_failures_of_any_accounts(
    attempt: Try, make_user: Callable[..., CustomUser], settings: Any
) -> None:
    settings.LOGIN_MAX_FAILURES_PER_ADDRESS = 3
    make_user()
    for number in range(3):
        fail(attempt, 1, email=f"user{number}@example.org")
    assert attempt(password=PASSWORD).status_code == 429
    assert attempt(password=PASSWORD, address="203.0.113.9").status_code == 200


def test_address_of_ipv6_counts_with_its_network(
    attempt: Try, make_user: Callable[..., CustomUser], settings: Any
) -> None:
    settings.LOGIN_MAX_FAILURES_PER_ADDRESS = 3
    make_user()
    for number in range(3):
        fail(attempt, 1, email=f"user{number}@example.org", address=f"2001:db8::{number}")
    assert attempt(password=PASSWORD, address="2001:db8::ffff:0:0:1").status_code == 429
    assert attempt(password=PASSWORD, address="2001:db8:0:1::1").status_code == 200


def test_owner_is_known_by_the_network_of_ipv6(
    attempt: Try, make_user: Callable[..., CustomUser], settings: Any
) -> None:
    settings.LOGIN_MAX_FAILURES = 2
    make_user()
    assert attempt(password=PASSWORD, address="2001:db8::7").status_code == 200
    fail(attempt, 2, address="203.0.113.9")
    assert attempt(password=PASSWORD, address="2001:db8::8").status_code == 200


def test_admin_site_counts_too(make_user: Callable[..., CustomUser], settings: Any) -> None:
    settings.LOGIN_MAX_FAILURES = 2
    make_user(is_staff=True)
    site = Client()
    for password in ("wrong", "wrong", PASSWORD):
        data = {"username": "ada@example.org", "password": password}
        assert site.post("/admin/login/", data).status_code == 200
    assert [one.refused for one in LoginAttemptsHistory.objects.order_by("id")] == [
        False,
        False,
        True,
    ]


def test_check_without_a_request_is_not_recorded(make_user: Callable[..., CustomUser]) -> None:
    make_user()
    assert Client().login(username="ada@example.org", password=PASSWORD)
    assert LoginAttemptsHistory.objects.count() == 0


def test_owner_sees_the_tries_and_nobody_elses(
    make_user: Callable[..., CustomUser],
    log_in: Callable[[CustomUser], APIClient],
    django_assert_num_queries: Any,
) -> None:
    ada, eve = make_user(), make_user("eve@example.org")
    for user in (ada, ada, ada, eve):
        LoginHistoryTrail.objects.create(user=user, ip_address="192.0.2.7")
    client = log_in(ada)
    with django_assert_num_queries(5):  # the request's savepoint, count, page, the visit
        page = client.get(LOGINS).json()
    assert page["count"] == 3
    assert set(page["results"][0]) == {
        "timestamp",
        "successful",
        "ip_address",
        "user_agent",
        "location",
    }
    client.force_authenticate(None)
    assert client.get(LOGINS).status_code == 401
