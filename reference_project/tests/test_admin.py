"""The admin site shows every model, and lets staff in by address."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client

from apps.accounts.models import OTP, CustomUser
from apps.core.models import Task

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


def test_pages_of_every_model_open(admin_site: Client, make_user: Callable[..., Any]) -> None:
    otp = OTP.create(make_user())
    task = Task.objects.create(name="resize images", task_ingestor="upload")
    for path, pk in {
        "accounts/customuser": otp.user_id,
        "accounts/otp": otp.pk,
        "core/task": task.pk,
    }.items():
        assert admin_site.get(f"/admin/{path}/?q=a").status_code == 200
        page = admin_site.get(f"/admin/{path}/{pk}/change/")
        assert page.status_code == 200
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
