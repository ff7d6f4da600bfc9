"""The admin site shows every model, and lets staff in by address."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client

from apps.accounts.models import (
    OTP,
    CustomUser,
    ExtraData,
    LoginAttemptsHistory,
    LoginHistoryTrail,
    UserVisitHistory,
)
from apps.core.models import HistoryArchive, Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_site() -> Client:
    """A browser that logged in as a superuser, through the form."""
    CustomUser.objects.create_superuser("root@example.org", "correct horse battery")
    client = Client()
    login = {"username": "Root@example.org", "password": "correct horse battery"}
    assert client.post("/admin/login/?next=/admin/", login).status_code == 302
    return client


def test_every_model_of_the_project_is_there() -> None:
    assert {CustomUser, OTP, Task} <= set(admin.site._registry)


@pytest.fixture
def rows(make_user: Callable[..., Any]) -> None:
    """At least one row of every model in the admin site."""
    call_command("seed_demo", force=True, stdout=StringIO())
    user = make_user()
    OTP.create(user)
    LoginAttemptsHistory.objects.create(user=user, ip_address="192.0.2.7")
    LoginHistoryTrail.objects.create(user=user, ip_address="2001:db8::7")
    UserVisitHistory.objects.create(user=user, url="/example")
    ExtraData.objects.create(user=user, browser="Firefox 143")
    Task.objects.create(name="resize images", task_ingestor="upload")
    HistoryArchive.objects.create(model="documents.document", object_pk="1", entries=[])
    Group.objects.create(name="editors")


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label_lower)
def test_pages_of_every_model_open(admin_site: Client, model: Any) -> None:
    path = f"/admin/{model._meta.label_lower.replace('.', '/')}"
    row = model._default_manager.first()
    assert row is not None, "Let the demo have a row of this model, or make one above."
    assert admin_site.get(f"{path}/").status_code == 200
    if admin.site._registry[model].search_fields:
        assert admin_site.get(f"{path}/?q=a").status_code == 200
    assert admin_site.get(f"{path}/{row.pk}/change/").status_code == 200
    assert admin_site.get(f"{path}/{row.pk}/delete/").status_code == 200
    assert admin_site.get(f"{path}/add/").status_code in {200, 403}


def test_nobody_adds_a_code(admin_site: Client) -> None:
    assert admin_site.get("/admin/accounts/otp/add/").status_code == 403


def test_code_is_not_shown(admin_site: Client, make_user: Callable[..., Any]) -> None:
    otp = OTP.create(make_user())
    page = admin_site.get(f"/admin/accounts/otp/{otp.pk}/change/").content.decode()
    assert f">{otp.code}<" not in page
    assert 'name="code"' not in page


def test_user_can_be_added(admin_site: Client) -> None:
    form = {
        "email": "New@Example.org",
        "usable_password": "true",
        "password1": "correct horse battery",
        "password2": "correct horse battery",
    }
    assert admin_site.post("/admin/accounts/customuser/add/", form).status_code == 302
    user = CustomUser.objects.get(email="new@example.org")
    assert user.check_password("correct horse battery")
    form["email"] = "NEW@example.org"
    again = admin_site.post("/admin/accounts/customuser/add/", form)
    assert again.status_code == 200
    assert "Somebody already has this e-mail address." in again.content.decode()
