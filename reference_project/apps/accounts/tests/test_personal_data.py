"""Taking one's data along, and deleting one's account with all that is kept."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient
from rest_framework.throttling import ScopedRateThrottle

from apps.accounts.models import CustomUser, LoginAttemptsHistory, UserVisitHistory
from apps.accounts.personal import delete_account, export_personal_data, register_personal_data
from apps.accounts.tests.factories import PASSWORD
from apps.accounts.tests.test_registration import LOGIN

URL = "/api/v1/accounts/"
MakeUser = Callable[..., CustomUser]

pytestmark = pytest.mark.django_db


def test_export_holds_what_is_kept_and_no_secret(client: APIClient, make_user: MakeUser) -> None:
    user = make_user(first_name="Ada")
    make_user("eve@example.org")
    client.post(f"{URL}token/", {**LOGIN, "password": "not the password"})
    headers = {"authorization": f"Bearer {client.post(f'{URL}token/', LOGIN).json()['access']}"}
    client.get(f"{URL}me/", headers=headers)
    response = client.get(f"{URL}me/export/", headers=headers)
    assert response["Content-Disposition"] == 'attachment; filename="account.json"'
    data = response.json()
    assert data["account"][0]["email"] == "ada@example.org"
    assert [row["successful"] for row in data["logins"]] == [True, False]
    assert [row["successful"] for row in data["login_attempts"]] == [True, False]
    assert [row["url"] for row in data["visits"]] == [f"{URL}me/"]
    assert len(data["clients"]) == 1
    text = json.dumps(data)
    user.refresh_from_db()
    assert user.password not in text and "eve@example.org" not in text


def test_queries_of_the_export_do_not_grow_with_its_rows(make_user: MakeUser) -> None:
    user = make_user()
    counts = set()
    for rows in (1, 5):
        for _ in range(rows):
            UserVisitHistory.objects.create(user=user, url="/example")
            LoginAttemptsHistory.objects.create(user=user)
        with CaptureQueriesContext(connection) as queries:
            export_personal_data(user)
        counts.add(len(queries))
    assert len(counts) == 1


def test_deletion_leaves_nothing_of_the_person(client: APIClient, make_user: MakeUser) -> None:
    make_user()
    other = make_user("eve@example.org")
    headers = {"authorization": f"Bearer {client.post(f'{URL}token/', LOGIN).json()['access']}"}
    client.get(f"{URL}me/", headers=headers)
    wrong = {"password": "not the password"}
    assert client.post(f"{URL}me/deletion/", wrong, headers=headers).status_code == 400
    assert CustomUser.objects.count() == 2
    body = {"password": PASSWORD}
    assert client.post(f"{URL}me/deletion/", body, headers=headers).status_code == 204
    assert CustomUser.objects.get() == other
    assert not UserVisitHistory.objects.exists()
    assert not LoginAttemptsHistory.objects.filter(user__isnull=False).exists()
    assert client.get(f"{URL}me/", headers=headers).status_code == 401


def test_what_apps_keep_is_exported_and_erased(make_user: MakeUser, monkeypatch: Any) -> None:
    monkeypatch.setattr("apps.accounts.personal._registered", {})
    hobbies = {"ada@example.org": ["chess"], "eve@example.org": ["riding"]}
    register_personal_data(
        "hobbies",
        lambda user: [{"name": name} for name in hobbies[user.email]],
        lambda user: hobbies[user.email].clear(),
    )
    user = make_user()
    assert export_personal_data(user) == {"hobbies": [{"name": "chess"}]}
    delete_account(user)
    assert hobbies == {"ada@example.org": [], "eve@example.org": ["riding"]}


@pytest.mark.parametrize("way", ["page", "action"])
def test_deletion_in_the_admin_site_erases_as_much(
    make_user: MakeUser, monkeypatch: Any, way: str
) -> None:
    monkeypatch.setattr("apps.accounts.personal._registered", {})
    erased: list[str] = []
    register_personal_data("hobbies", lambda user: [], lambda user: erased.append(user.email))
    ada, eve = make_user(), make_user("eve@example.org")
    site = Client()
    site.force_login(make_user("root@example.org", is_staff=True, is_superuser=True))
    path = "/admin/accounts/customuser/"
    if way == "page":
        assert site.post(f"{path}{ada.pk}/delete/", {"post": "yes"}).status_code == 302
    form = {"action": "delete_selected", "_selected_action": [ada.pk, eve.pk], "post": "yes"}
    if way == "action":
        assert site.post(path, form).status_code == 302
    assert erased == (["ada@example.org"] if way == "page" else [ada.email, eve.email])
    assert not CustomUser.objects.filter(email__in=erased).exists()


def test_administrator_is_not_deleted_this_way(make_user: MakeUser, log_in: Any) -> None:
    admin = make_user(is_staff=True, is_superuser=True)
    response = log_in(admin).post(f"{URL}me/deletion/", {"password": PASSWORD})
    assert response.status_code == 403
    assert CustomUser.objects.exists()


def test_no_visit_of_somebody_gone_is_missed(
    client: APIClient, make_user: MakeUser, caplog: pytest.LogCaptureFixture
) -> None:
    make_user()
    headers = {"authorization": f"Bearer {client.post(f'{URL}token/', LOGIN).json()['access']}"}
    with override_settings(RECORD_VISITS=True):
        body = {"password": PASSWORD}
        assert client.post(f"{URL}me/deletion/", body, headers=headers).status_code == 204
    assert not [record for record in caplog.records if "visit" in record.message]


@pytest.mark.parametrize("endpoint", ["me/password", "me/email", "me/export", "me/deletion"])
def test_strangers_are_refused(client: APIClient, endpoint: str) -> None:
    method = client.get if endpoint == "me/export" else client.post
    assert method(f"{URL}{endpoint}/").status_code == 401


@pytest.mark.parametrize(
    ("scope", "endpoint"),
    [
        ("account", "me/password"),
        ("account", "me/email"),
        ("account", "me/deletion"),
        ("export", "me/export"),
    ],
)
def test_guesses_are_limited(
    make_user: MakeUser, log_in: Any, monkeypatch: pytest.MonkeyPatch, scope: str, endpoint: str
) -> None:
    rates = {**ScopedRateThrottle.THROTTLE_RATES, scope: "2/hour"}
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", rates)
    me = log_in(make_user())
    ask = me.get if scope == "export" else me.post
    answers = [ask(f"{URL}{endpoint}/").status_code for _ in range(3)]
    assert answers == [200 if scope == "export" else 400] * 2 + [429]
