"""Every answer says what pages may load and do; the pages that need more may, and no others."""

import re

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory
from rest_framework.test import APIClient

from apps.core.headers import PermissionsPolicyMiddleware

pytestmark = pytest.mark.django_db
STRICT = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def read_policy(response: HttpResponse) -> dict[str, str]:
    """Read the Content-Security-Policy of an answer."""
    parts = (part.strip() for part in response["Content-Security-Policy"].split(";"))
    return dict(part.split(" ", 1) for part in parts)


@pytest.mark.parametrize(
    "path", ["/admin/login/", "/health/live", "/api/v1/tasks/", "/api/schema/", "/nothing"]
)
def test_answer_is_strict(client: APIClient, path: str) -> None:
    response = client.get(path)
    assert read_policy(response) == STRICT
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in response
    for feature in ("camera", "geolocation", "microphone", "payment", "usb"):
        assert f"{feature}=()" in response["Permissions-Policy"]


def test_script_inside_swagger_carries_the_nonce_of_its_answer(client: APIClient) -> None:
    nonces = set()
    for _ in range(2):
        response = client.get("/api/docs/")
        policy = read_policy(response)
        (nonce,) = re.findall(r"'nonce-([^']+)'", policy.pop("script-src"))
        inline = re.findall(r"<script(?![^>]*\ssrc=)([^>]*)>", response.content.decode())
        assert inline == [f' nonce="{nonce}"']
        assert policy == {
            **{name: value for name, value in STRICT.items() if name != "script-src"},
            "style-src": "'self' 'unsafe-inline'",
        }
        nonces.add(nonce)
    assert len(nonces) == 2


def test_redoc_may_search_in_a_worker_and_write_styles(client: APIClient) -> None:
    response = client.get("/api/redoc/")
    assert read_policy(response) == {
        **STRICT,
        "style-src": "'self' 'unsafe-inline'",
        "worker-src": "'self' blob:",
    }
    assert not re.findall(r"<script(?![^>]*\ssrc=)", response.content.decode())


def test_admin_pages_hold_no_script_of_their_own(admin_client: Client) -> None:
    # What the policy would stop: scripts and handlers that are part of the page.
    for path in ("/admin/", "/admin/accounts/customuser/", "/admin/accounts/customuser/add/"):
        page = admin_client.get(path).content.decode()
        assert "<script" in page
        scripts = re.findall(r"<script(?![^>]*\ssrc=)([^>]*)>", page)
        assert all('type="application/json"' in attributes for attributes in scripts)
        assert not re.findall(r"<[^>]+\s(?:on\w+|style)=", page)


def test_view_may_have_a_policy_of_its_own() -> None:
    def view(request: object) -> HttpResponse:
        return HttpResponse(headers={"Permissions-Policy": "camera=(self)"})

    response = PermissionsPolicyMiddleware(view)(RequestFactory().get("/"))
    assert response["Permissions-Policy"] == "camera=(self)"


def test_policies_do_not_wait_for_production() -> None:
    assert "csp.middleware.CSPMiddleware" in settings.MIDDLEWARE
    assert settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["default-src"] == ["'self'"]
