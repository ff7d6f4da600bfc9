"""Secrets and personal data are removed, and what only looks like them stays."""

import pytest

from apps.core.redaction import REDACTED, is_secret_name, redact_people, redact_text, redact_value


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer SECRETSECRET",
        "Authorization: Basic SECRETSECRET==",
        "{'Authorization': 'Token SECRET'}",
        "sent Bearer SECRETSECRET to the API",
        "refused eyJSECRET.eyJSECRET.SECRET",
        '{"password": "SECRET \\" SECRET"}',
        "{'new_password': 'SECRET'}",
        "password=SECRET",
        "password: SECRET",
        "log_in(password='SE CRET')",
        "GET /verify/?email=a@b.example&code=SECRET",
        '{"code": "SECRET"}',
        "{'otp': SECRET}",
        "Cookie: sessionid=SECRET; csrftoken=SECRET",
        "https://s3.example.com/a?X-Amz-Credential=SECRET&X-Amz-Signature=SECRET",
        "postgres://ada:SECRET@db.example.com:5432/shop",
        "redis://:SECRET@cache/0",
        "AWS_SECRET_ACCESS_KEY=SECRET",
        "api-key=SECRET",
    ],
)
def test_secret_is_removed_and_its_absence_shown(text: str) -> None:
    redacted = redact_text(text)
    assert "SECRET" not in redacted.replace("AWS_SECRET_ACCESS_KEY", "")
    assert "CRET'" not in redacted
    assert REDACTED in redacted


@pytest.mark.parametrize(
    "text",
    [
        "GET /api/v1/tasks/?page=2 200",
        "status_code=404",
        "exit code: 1",
        "could not refresh the token: connection refused",
        "postgres://db.example.com:5432/shop",
        "amqp://guest:**@broker:5672//",
        "the password was changed",
        "12:30:45 apps/core/tests/test_logs.py::test_line",
    ],
)
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert redact_text(text) == text
    assert redact_people(text) == text


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.org",
        "ada+b.c@mail.example.org",
        "192.0.2.7",
        "2001:db8::7",
        "::1",
        "1:2:3:4:5:6:7:8",
    ],
)
def test_address_of_a_person_is_removed(address: str) -> None:
    redacted = redact_people(f"seen {address} again")
    assert address not in redacted
    assert redacted.startswith("seen [") and redacted.endswith("] again")


def test_secret_is_found_however_deep_it_lies() -> None:
    value = {
        "user": 7,
        "when": None,
        "headers": [{"Authorization": "Bearer x", "Accept": "*/*"}],
        "urls": ("a?token=x", "b"),
        "password": {"old": "x"},
        "token": "",
    }
    assert redact_value(value) == {
        "user": 7,
        "when": None,
        "headers": [{"Authorization": REDACTED, "Accept": "*/*"}],
        "urls": [f"a?token={REDACTED}", "b"],
        "password": REDACTED,
        "token": "",
    }


@pytest.mark.parametrize(
    "name", ["PASSWORD", "X-Auth-Token", "set-cookie", "api_key", "otp", "CODE"]
)
def test_name_of_a_secret_is_known(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["status_code", "encoding", "token_type", "password_changed_at"])
def test_name_that_only_resembles_one_is_not(name: str) -> None:
    assert not is_secret_name(name)
