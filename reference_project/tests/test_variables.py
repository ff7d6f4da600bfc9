"""The table of settings comes from the code and from .env.example, and from nowhere else."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from apps.core.management.commands.settings_table import write_markdown
from apps.core.variables import describe_variables, read_example
from cookiecutter.settings import environment
from cookiecutter.settings.environment import BASE_DIR


@pytest.fixture(scope="module")
def table() -> list[dict[str, Any]]:
    """The table, as the command prints it."""
    out = StringIO()
    call_command("settings_table", format="json", stdout=out)
    return json.loads(out.getvalue())


def test_table_and_example_name_the_same_variables(table: list[dict[str, Any]]) -> None:
    assert [row["name"] for row in table] == list(read_example())


def test_every_variable_is_described_and_belongs_somewhere(table: list[dict[str, Any]]) -> None:
    for row in table:
        assert row["description"], row["name"]
        assert row["section"], row["name"]
        assert row["type"] in {"text", "bool", "int", "float", "list"}
        assert row["module"].startswith("cookiecutter."), row["name"]


def test_defaults_are_those_of_the_code_wherever_it_lies(table: list[dict[str, Any]]) -> None:
    rows = {row["name"]: row for row in table}
    assert rows["OTP_MAX_CODES_PER_HOUR"]["default"] == 5
    assert rows["EMAIL_USE_TLS"] | {"description": ""} == {
        "name": "EMAIL_USE_TLS",
        "type": "bool",
        "default": True,
        "production_default": None,
        "section": "Mail",
        "description": "",
        "example": "true",
        "module": "cookiecutter.settings.mail",
    }
    assert rows["LOG_FORMAT"]["default"] == "console"
    assert rows["LOG_FORMAT"]["production_default"] == "json"
    assert str(BASE_DIR) not in json.dumps(table)


def test_markdown_has_one_row_for_each(table: list[dict[str, Any]]) -> None:
    lines = write_markdown(table)
    rows = [line for line in lines if line.startswith("| `")]
    assert len(rows) == len(table)
    assert "| `LOG_FORMAT` | text | `console` (production: `json`) |" in "\n".join(rows)
    assert all(row.replace("\\|", "").count("|") == 5 for row in rows)


def test_comment_speaks_of_the_variables_below_it(tmp_path: Path) -> None:
    path = tmp_path / "example"
    path.write_text(
        "# About the file.\n\n# --- Mail ---\n\n# Where mails\n# go. Such as:\n# HOST=a\n"
        "# Who sends.\n# SENDER=\n# PORT=1\n\n# ALONE=2\n"
    )
    assert read_example(path) == {
        "HOST": {"section": "Mail", "description": "Where mails go.", "example": "a"},
        "SENDER": {"section": "Mail", "description": "Who sends.", "example": ""},
        "PORT": {"section": "Mail", "description": "Who sends.", "example": "1"},
        "ALONE": {"section": "Mail", "description": "Mail.", "example": "2"},
    }


def test_forgotten_variable_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    read = {"kind": "text", "default": "", "preferred": None, "module": "cookiecutter.x"}
    names = ("FORGOTTEN", "SECRET_KEY")
    monkeypatch.setattr(
        "apps.core.variables.read_code", lambda: [{"name": name, **read} for name in names]
    )
    known, forgotten = describe_variables()
    assert known["name"] == "SECRET_KEY"
    assert (forgotten["name"], forgotten["section"]) == ("FORGOTTEN", "")


@pytest.fixture
def _own_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "variables", {})
    monkeypatch.setattr(environment, "_preferred", {})


@pytest.mark.usefixtures("_own_notes")
def test_reading_notes_what_was_read() -> None:
    environment.read_int("SOME_NUMBER", 3)
    environment.read_int("SOME_NUMBER", 4)
    environment.read_list("SOME_LIST")
    assert list(environment.variables.values()) == [
        environment.Variable("SOME_NUMBER", "int", 3, None, __name__),
        environment.Variable("SOME_LIST", "list", [], None, __name__),
    ]


@pytest.mark.usefixtures("_own_notes")
def test_who_prefers_first_wins_but_not_over_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    environment.prefer(SOME_NUMBER=0, SOME_TEXT="b")
    environment.prefer(SOME_NUMBER=60)
    monkeypatch.setenv("SOME_TEXT", "c")
    assert environment.read_int("SOME_NUMBER", 5) == 0
    assert environment.read_text("SOME_TEXT", "a") == "c"
    assert environment.variables["SOME_NUMBER"].default == 5
    assert environment.variables["SOME_NUMBER"].preferred == 0
    assert not environment.is_set("SOME_NUMBER")
    assert environment.is_set("SOME_TEXT")
