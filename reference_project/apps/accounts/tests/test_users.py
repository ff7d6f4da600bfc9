"""Users have one address each, whatever its case, on every database."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from apps.accounts.models import CustomUser

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
MakeUser = Callable[..., CustomUser]


def test_address_is_stored_in_lower_case_and_found_in_any() -> None:
    user = CustomUser.objects.create_user(" Ada@Example.ORG ")
    assert user.email == "ada@example.org"
    assert CustomUser.objects.get(email="ADA@example.org") == user
    assert CustomUser.objects.get_by_natural_key("ada@EXAMPLE.org") == user
    user.email = "Countess@Example.org"
    user.save()
    assert user.email == "countess@example.org"
    CustomUser.objects.filter(pk=user.pk).update(email="LOVELACE@example.org")
    assert CustomUser.objects.filter(email__in=["Lovelace@example.org"]).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT email FROM accounts_customuser")
        assert list(cursor.fetchall()) == [("lovelace@example.org",)]


def test_second_user_of_an_address_is_refused_by_the_database() -> None:
    CustomUser.objects.create_user("ada@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        CustomUser.objects.bulk_create([CustomUser(email="ADA@example.org")])


def test_accents_make_different_addresses() -> None:
    CustomUser.objects.create_user("jose@example.org")
    accented = CustomUser.objects.create_user("josé@example.org")
    # The same letter, written as e and a combining accent.
    assert CustomUser.objects.get(email="jose\u0301@example.org") == accented
    assert CustomUser.objects.filter(email="jose@example.org").count() == 1


def test_text_of_any_language_is_stored() -> None:
    user = CustomUser.objects.create_user("ada@example.org", first_name="Łucja 愛 🦆")
    user.refresh_from_db()
    assert user.first_name == "Łucja 愛 🦆"


@pytest.mark.parametrize("address", ["", "  ", None])
def test_empty_address_is_refused(address: Any) -> None:
    with pytest.raises(ValueError, match="needs an e-mail address"):
        CustomUser.objects.create_user(address)


def test_new_superuser_can_log_in() -> None:
    admin = CustomUser.objects.create_superuser("root@example.org", PASSWORD)
    assert admin.is_staff
    assert admin.is_superuser
    assert authenticate(email="ROOT@example.org", password=PASSWORD) == admin


@pytest.mark.parametrize("flag", ["is_active", "is_staff", "is_superuser", "email_verified"])
def test_superuser_without_a_flag_is_refused(flag: str) -> None:
    with pytest.raises(ValueError, match=f"needs {flag}=True, not False"):
        CustomUser.objects.create_superuser("root@example.org", PASSWORD, **{flag: False})


def test_ordinary_user_has_no_privilege_and_is_not_verified() -> None:
    user = CustomUser.objects.create_user("ada@example.org", PASSWORD)
    assert user.is_active
    assert not (user.is_staff or user.is_superuser or user.email_verified)
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize("flag", ["is_active", "email_verified"])
def test_logging_in_takes_an_active_and_verified_account(make_user: MakeUser, flag: str) -> None:
    user = make_user()
    assert authenticate(email=user.email, password=PASSWORD) == user
    setattr(user, flag, False)
    user.save()
    assert authenticate(email=user.email, password=PASSWORD) is None


@pytest.mark.parametrize("number", ["+14155550123", "+49301234567", ""])
def test_phone_number_in_e164_form_is_accepted(make_user: MakeUser, number: str) -> None:
    make_user(phone_number=number).full_clean()


@pytest.mark.parametrize(
    "number", ["4155550123", "+0123456789", "+1 415 555", "+1", "+1234567890\n"]
)
def test_other_phone_numbers_are_refused(make_user: MakeUser, number: str) -> None:
    with pytest.raises(ValidationError, match="country code"):
        make_user(phone_number=number).full_clean()


def test_user_says_who_they_are(make_user: MakeUser) -> None:
    user = make_user(first_name="Ada", last_name="Lovelace")
    assert str(user) == "ada@example.org"
    assert user.get_full_name() == "Ada Lovelace"
