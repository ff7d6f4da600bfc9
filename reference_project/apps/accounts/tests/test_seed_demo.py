"""Demo accounts can log in, and are not made on a public server by mistake."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from apps.accounts.models import CustomUser

pytestmark = pytest.mark.django_db


def seed(**options: Any) -> list[list[str]]:
    """Run the command; returns address and password of each line."""
    out = StringIO()
    call_command("seed_demo", stdout=out, **options)
    return [line.split(maxsplit=1) for line in out.getvalue().splitlines()]


def test_printed_passwords_log_in_every_time(settings: Any) -> None:
    settings.DEBUG = True
    for _ in range(2):
        demo, staff = [authenticate(email=address, password=word) for address, word in seed()]
    assert (demo.is_staff, demo.is_superuser) == (False, False)
    assert (staff.is_staff, staff.is_superuser) == (True, True)
    assert CustomUser.objects.count() == 2


def test_password_can_be_given(settings: Any) -> None:
    settings.DEBUG = True
    assert {word for _, word in seed(password="open sesame please")} == {"open sesame please"}


def test_accounts_can_be_removed_with_what_they_own(settings: Any) -> None:
    other = CustomUser.objects.create_user("ada@example.org")
    seed(force=True)
    assert seed(remove=True) == [["demo@example.com", "is gone"], ["staff@example.com", "is gone"]]
    assert list(CustomUser.objects.all()) == [other]
    assert seed(remove=True) == []


def test_without_debug_somebody_must_insist() -> None:
    with pytest.raises(CommandError, match="Add --force"):
        seed()
    assert not CustomUser.objects.exists()
    assert len(seed(force=True)) == 2
