"""What is remembered of people: addresses are checked, places looked up, all is forgotten."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db.transaction import atomic
from django.utils import timezone
from mmdb_writer import MMDBWriter
from netaddr import IPSet
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from apps.accounts import forgetting
from apps.accounts.checks import check_geoip_database
from apps.accounts.clients import describe_client, find_location, open_database
from apps.accounts.models import (
    OTP,
    CustomUser,
    ExtraData,
    LoginAttemptsHistory,
    LoginHistoryTrail,
    UserVisitHistory,
)
from apps.accounts.tasks import forget

pytestmark = pytest.mark.django_db
PLACE = {"city": {"names": {"en": "Zürich"}}, "country": {"names": {"en": "Switzerland"}}}


@pytest.fixture
def places(tmp_path: Path, settings: Any) -> Path:
    """A database of places that knows two networks."""
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True)
    writer.insert_network(IPSet(["192.0.2.0/24"]), PLACE)
    writer.insert_network(IPSet(["198.51.100.0/24"]), {"country": {"names": {"de": "Schweiz"}}})
    path = tmp_path / "places.mmdb"
    writer.to_db_file(str(path))
    settings.GEOIP_PATH = str(path)
    open_database.cache_clear()
    return path


@pytest.mark.parametrize("model", [LoginAttemptsHistory, LoginHistoryTrail, ExtraData])
@pytest.mark.parametrize("wrong", ["999.1.1.1", "localhost", "192.0.2.7; DROP TABLE x"])
def test_wrong_address_is_refused_on_every_database(
    model: Any, wrong: str, make_user: Callable[..., CustomUser]
) -> None:
    user = make_user()
    with pytest.raises(ValidationError, match="valid IPv4 or IPv6 address"), atomic():
        model.objects.create(user=user, ip_address=wrong)
    with pytest.raises(ValidationError), atomic():
        model.objects.bulk_create([model(user=user, ip_address=wrong)])
    model.objects.create(user=user, ip_address="2001:db8::7")
    with pytest.raises(ValidationError), atomic():
        model.objects.update(ip_address=wrong)
    assert model.objects.get().ip_address == "2001:db8::7"


def test_place_of_an_address_is_found_where_it_is_known(places: Path) -> None:
    assert find_location("192.0.2.7") == "Zürich, Switzerland"
    assert find_location("198.51.100.7") == ""
    assert find_location("203.0.113.9") == ""
    assert find_location(None) == ""


def test_login_notes_its_place(
    places: Path, make_user: Callable[..., CustomUser], client: Any
) -> None:
    user = make_user()
    data = {"email": user.email, "password": "wrong"}
    client.post("/api/v1/accounts/token/", data, REMOTE_ADDR="192.0.2.7")
    assert user.loginhistorytrail_set.get().location == "Zürich, Switzerland"


def test_places_stay_empty_without_a_database(settings: Any) -> None:
    assert settings.GEOIP_PATH == ""
    assert find_location("192.0.2.7") == ""
    assert check_geoip_database() == []


def test_database_that_cannot_be_read_is_named(tmp_path: Path, settings: Any) -> None:
    path = tmp_path / "places.mmdb"
    path.write_text("none")
    settings.GEOIP_PATH = str(path)
    (error,) = check_geoip_database()
    assert f"GEOIP_PATH is {path}, which cannot be read" in error.msg
    with pytest.raises(ImproperlyConfigured):
        open_database(str(tmp_path / "missing.mmdb"))


def test_client_that_says_nothing_is_described_by_nothing() -> None:
    assert describe_client("") == {"browser": "", "device": "", "os": ""}


def test_activity_is_forgotten_after_its_time(
    make_user: Callable[..., CustomUser], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VISIT_HISTORY_DAYS, settings.LOGIN_HISTORY_DAYS = 10, 20
    monkeypatch.setattr(forgetting, "BATCH", 2)
    user = make_user()
    for days in (9, 11, 12, 13):
        moment = timezone.now() - timedelta(days=days)
        UserVisitHistory.objects.create(user=user, url="/", timestamp=moment)
    for days in (19, 21):
        moment = timezone.now() - timedelta(days=days)
        LoginHistoryTrail.objects.create(user=user, timestamp=moment)
    for days in (1.1, 2):
        otp = OTP.create(user)
        OTP.objects.filter(pk=otp.pk).update(created_at=timezone.now() - timedelta(days=days))
    for days in (0, 2):
        expiry = timezone.now() - timedelta(days=days)
        OutstandingToken.objects.create(user=user, jti=f"{days}", token="", expires_at=expiry)
    assert forget.delay().get() == {
        "UserVisitHistory": 3,
        "LoginAttemptsHistory": 0,
        "LoginHistoryTrail": 1,
        "ExtraData": 0,
        "OTP": 1,
        "OutstandingToken": 1,
    }
    assert UserVisitHistory.objects.count() == LoginHistoryTrail.objects.count() == 1


def test_zero_days_forget_nothing(make_user: Callable[..., CustomUser], settings: Any) -> None:
    settings.VISIT_HISTORY_DAYS = 0
    long_ago = timezone.now() - timedelta(days=5000)
    UserVisitHistory.objects.create(user=make_user(), url="/", timestamp=long_ago)
    assert forgetting.forget_activity()["UserVisitHistory"] == 0
