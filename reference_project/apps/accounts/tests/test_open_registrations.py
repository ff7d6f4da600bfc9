"""A registration may be replaced by another; an account may not, verified or not."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.test import Client

from apps.accounts.address_changes import confirm_change
from apps.accounts.mailed_tokens import make_change_token
from apps.accounts.models import OTP, CustomUser
from apps.accounts.registrations import is_open_registration
from apps.accounts.tasks import send_address_change_mails
from apps.accounts.tests.factories import PASSWORD
from apps.accounts.tests.test_registration import LOGIN, post, read_code

STRANGER = "password of a stranger"
MakeUser = Callable[..., CustomUser]

__all__ = ["post"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Client:
    """The admin site, to somebody who may do everything."""
    client = Client()
    client.force_login(CustomUser.objects.create_superuser("root@example.org", PASSWORD))
    return client


def test_registration_is_open_until_it_is_confirmed(post: Any) -> None:
    post("register", **LOGIN)
    assert is_open_registration(CustomUser.objects.get())
    post("verify", email="ada@example.org", code=read_code())
    user = CustomUser.objects.get()
    assert (user.email_verified, user.pending_registrations) == (True, 0)


@pytest.mark.parametrize(
    "values",
    [
        {"pending_registrations": 0},
        {"email_verified": True},
        {"is_active": False},
        {"is_staff": True},
        {"is_superuser": True},
        {"last_login": datetime(2026, 1, 1, tzinfo=UTC)},
    ],
    ids=lambda values: next(iter(values)),
)
def test_what_was_anything_else_is_not_open(post: Any, values: dict[str, Any]) -> None:
    post("register", **LOGIN)
    CustomUser.objects.update(**values)
    assert not is_open_registration(CustomUser.objects.get())


def test_what_was_given_rights_is_not_open(post: Any) -> None:
    post("register", **LOGIN)
    user = CustomUser.objects.get()
    user.groups.add(Group.objects.create(name="editors"))
    assert not is_open_registration(user)
    user.groups.clear()
    user.user_permissions.add(Permission.objects.first())
    assert not is_open_registration(user)


@pytest.mark.parametrize("rights", [{}, {"is_staff": True, "is_superuser": True}])
def test_nobody_registers_over_an_account_that_was_made(
    post: Any, make_user: MakeUser, rights: dict[str, bool]
) -> None:
    user = make_user(email_verified=False, first_name="Ada", **rights)
    answer = post("register", email="ada@example.org", password=STRANGER, first_name="Eve")
    assert answer.content == post("register", email="eve@example.org", password=STRANGER).content
    user.refresh_from_db()
    assert (user.first_name, user.check_password(PASSWORD)) == ("Ada", True)
    assert not OTP.objects.filter(user=user).exists()
    assert mail.outbox[0].subject == "You already have an account"


def test_address_that_counts_as_unverified_again_opens_no_door(post: Any, site: Client) -> None:
    post("register", **LOGIN)
    post("verify", email="ada@example.org", code=read_code())
    user = CustomUser.objects.get(email="ada@example.org")
    form = {"email": user.email, "is_active": "on"}
    assert site.post(f"/admin/accounts/customuser/{user.pk}/change/", form).status_code == 302
    post("register", email="ada@example.org", password=STRANGER)
    user.refresh_from_db()
    assert not user.email_verified
    assert user.check_password(PASSWORD)


def test_ticking_and_unticking_by_hand_opens_no_door(post: Any) -> None:
    post("register", **LOGIN)
    user = CustomUser.objects.get()
    for user.email_verified in (True, False):
        user.save(update_fields=["email_verified"])
    assert not is_open_registration(CustomUser.objects.get())


def test_change_of_address_removes_no_account_that_was_made(make_user: MakeUser) -> None:
    made = make_user("ada@example.net", email_verified=False)
    user = make_user(pending_email=made.email)
    assert send_address_change_mails(user.pk) == "sent"
    assert mail.outbox[-1].subject == "You already have an account"
    assert confirm_change(make_change_token(user)) is False
    assert CustomUser.objects.filter(pk=made.pk).exists()


@pytest.mark.parametrize("vouched", [True, False])
def test_account_that_was_added_can_be_used_if_somebody_vouches_for_the_address(
    post: Any, site: Client, vouched: bool
) -> None:
    page = site.get("/admin/accounts/customuser/add/").content.decode()
    assert '<input type="checkbox" name="email_verified" ' in page and "You vouch" in page
    assert (
        site.get("/admin/accounts/customuser/add/")
        .context["adminform"]
        .form["email_verified"]
        .value()
    )
    passwords = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    form = {"email": "ada@example.org", **passwords}
    if vouched:
        form["email_verified"] = "on"
    assert site.post("/admin/accounts/customuser/add/", form).status_code == 302
    assert post("token", **LOGIN).status_code == (200 if vouched else 401)


def test_password_reset_keeps_what_an_administrator_said(make_user: MakeUser) -> None:
    from apps.accounts.passwords import reset_password

    user = make_user(email_verified=False, first_name="Ada")
    reset_password(user, "another long password")
    user.refresh_from_db()
    assert (user.email_verified, user.first_name) == (True, "Ada")
