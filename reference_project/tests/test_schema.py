"""The API describes itself, with assets from this server only."""

import re

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient


def test_schema_is_valid_and_complete(tmp_path: object) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "api.yml"))
    text = (tmp_path / "api.yml").read_text()
    for path in ("register", "otp", "verify", "token", "token/refresh", "me"):
        assert f"/api/v1/accounts/{path}/:" in text
    assert "application/problem+json" in text


def test_every_operation_is_described_by_itself() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    described: dict[str, str] = {}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            text = operation.get("description", "")
            assert text, f"{method} {path} says nothing"
            assert text not in described, f"{method} {path} says what {described[text]} says"
            described[text] = f"{method} {path}"


@pytest.mark.django_db
def test_schema_is_served(client: APIClient) -> None:
    assert client.get("/api/schema/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["docs", "redoc"])
def test_pages_load_nothing_from_elsewhere(client: APIClient, page: str) -> None:
    response = client.get(f"/api/{page}/")
    assert response.status_code == 200
    text = response.content.decode()
    assert "/static/drf_spectacular_sidecar/" in text
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', text)


def test_assets_are_found() -> None:
    from django.contrib.staticfiles import finders

    for asset in ("swagger-ui-dist/swagger-ui-bundle.js", "redoc/bundles/redoc.standalone.js"):
        assert finders.find(f"drf_spectacular_sidecar/{asset}")
