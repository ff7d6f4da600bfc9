"""A user has one code at most; it ends by use, by time and by wrong tries."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.accounts.models import OTP, CodeLimitReached, CustomUser

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(make_user: Callable[..., CustomUser]) -> CustomUser:
    """A user whose address is not verified."""
    return make_user(email_verified=False)


def find_wrong(otp: OTP) -> str:
    """Find four digits that are not the code's."""
    return "0000" if otp.code != "0000" else "1111"


def age(otp: OTP, **delta: int) -> None:
    """Let a code have been issued earlier."""
    OTP.objects.filter(pk=otp.pk).update(created_at=timezone.now() - timedelta(**delta))


def test_new_code_is_four_digits_and_valid(user: CustomUser) -> None:
    otp = OTP.create(user)
    assert len(otp.code) == 4
    assert otp.code.isdecimal()
    assert otp.is_valid()
    assert OTP.get_latest(user) == otp


def test_new_code_ends_the_one_before(user: CustomUser) -> None:
    first, second = OTP.create(user), OTP.create(user)
    first.refresh_from_db()
    assert not first.is_valid()
    assert not OTP.redeem(user, first.code) or first.code == second.code
    assert OTP.get_latest(user) == second


def test_code_may_be_one_that_was_issued_before(
    user: CustomUser, make_user: Callable[..., CustomUser], monkeypatch: pytest.MonkeyPatch
) -> None:
    # There are ten thousand codes; one that looks for a new one finds none some day, and looks on.
    drawn = iter([7, 7])
    monkeypatch.setattr("secrets.randbelow", lambda limit: next(drawn))
    assert OTP.create(make_user("other@example.org")).code == "0007"
    assert OTP.create(user).code == "0007"


def test_database_refuses_a_second_active_code(user: CustomUser) -> None:
    OTP.create(user)
    with pytest.raises(IntegrityError), transaction.atomic():
        OTP.objects.create(user=user, code="1234")
    # Any number of ended ones.
    for _ in range(3):
        OTP.objects.create(user=user, code="1234", active=False)


@pytest.mark.parametrize("code", ["", "123", "12345", "12a4", "１２３４", " 123", "123\n", None])
def test_anything_but_four_digits_is_refused(user: CustomUser, code: Any) -> None:
    with pytest.raises(ValidationError, match="A code is four digits"):
        OTP(user=user, code=code).save()


def test_saving_moves_updated_at(user: CustomUser) -> None:
    otp = OTP.create(user)
    before = otp.updated_at
    otp.save()
    assert otp.updated_at > before
    before = otp.updated_at
    otp.active = False
    otp.save(update_fields=["active"])
    otp.refresh_from_db()
    assert otp.updated_at > before


def test_no_active_code_is_none(user: CustomUser) -> None:
    assert OTP.get_latest(user) is None


@pytest.mark.smoke
def test_right_code_works_once(user: CustomUser) -> None:
    otp = OTP.create(user)
    assert OTP.redeem(user, otp.code)
    assert not OTP.redeem(user, otp.code)


def test_code_of_another_user_does_not_work(
    user: CustomUser, make_user: Callable[..., CustomUser]
) -> None:
    other = make_user("other@example.org")
    otp = OTP.create(user)
    assert not OTP.redeem(other, otp.code)


def test_code_expires_after_ten_minutes(user: CustomUser) -> None:
    otp = OTP.create(user)
    age(otp, minutes=9, seconds=50)
    otp.refresh_from_db()
    assert otp.is_valid()
    age(otp, minutes=10)
    otp.refresh_from_db()
    assert not otp.is_valid()
    assert not OTP.redeem(user, otp.code)


def test_fifth_wrong_try_ends_the_code(user: CustomUser) -> None:
    otp = OTP.create(user)
    for _ in range(4):
        assert not OTP.redeem(user, find_wrong(otp))
    otp.refresh_from_db()
    assert otp.is_valid()
    assert not OTP.redeem(user, find_wrong(otp))
    otp.refresh_from_db()
    assert (otp.active, otp.tries, otp.is_valid()) == (False, 5, False)
    assert not OTP.redeem(user, otp.code)


def test_fifth_try_may_be_right(user: CustomUser) -> None:
    otp = OTP.create(user)
    for _ in range(4):
        OTP.redeem(user, find_wrong(otp))
    assert OTP.redeem(user, otp.code)


def test_codes_are_limited_per_hour(user: CustomUser) -> None:
    codes = [OTP.create(user) for _ in range(5)]
    with pytest.raises(CodeLimitReached, match="5 codes within an hour"):
        OTP.create(user)
    assert OTP.get_latest(user) == codes[-1]
    age(codes[0], minutes=60)
    OTP.create(user)


def test_wrong_tries_are_limited_per_hour_over_all_codes(user: CustomUser) -> None:
    for _ in range(3):
        otp = OTP.create(user)
        for _ in range(5):
            OTP.redeem(user, find_wrong(otp))
    otp = OTP.create(user)
    assert not OTP.redeem(user, otp.code)
    OTP.objects.exclude(pk=otp.pk).update(created_at=timezone.now() - timedelta(minutes=71))
    assert OTP.redeem(user, otp.code)


def test_wrong_tries_are_limited_per_day_over_all_hours(user: CustomUser, settings: Any) -> None:
    settings.OTP_MAX_TRIES_PER_DAY = 6
    for _ in range(3):
        otp = OTP.create(user)
        for _ in range(2):
            OTP.redeem(user, find_wrong(otp))
        age(otp, minutes=23 * 60)
    otp = OTP.create(user)
    assert not OTP.redeem(user, otp.code)
    OTP.objects.exclude(pk=otp.pk).update(created_at=timezone.now() - timedelta(hours=24.2))
    assert OTP.redeem(user, otp.code)


def run_together(action: Callable[[], object], workers: int = 8) -> list[object]:
    """Let threads do the same at once; returns what each returned or raised."""
    barrier = threading.Barrier(workers)
    results: list[object] = []

    def run() -> None:
        try:
            barrier.wait(timeout=10)
            results.append(action())
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


@pytest.mark.django_db(transaction=True)
def test_guessing_side_by_side_gains_no_try(user: CustomUser) -> None:
    otp = OTP.create(user)
    assert run_together(lambda: OTP.redeem(user, find_wrong(otp))) == [False] * 8
    otp.refresh_from_db()
    assert (otp.tries, otp.active) == (5, False)


@pytest.mark.django_db(transaction=True)
def test_right_code_side_by_side_works_once(user: CustomUser) -> None:
    otp = OTP.create(user)
    assert sorted(run_together(lambda: OTP.redeem(user, otp.code))) == [False] * 7 + [True]


@pytest.mark.django_db(transaction=True)
def test_codes_asked_for_side_by_side_stay_within_the_limit(user: CustomUser) -> None:
    results = run_together(lambda: OTP.create(user))
    assert sorted(type(result).__name__ for result in results) == (
        ["CodeLimitReached"] * 3 + ["OTP"] * 5
    )
    assert OTP.objects.filter(user=user, active=True).count() == 1
