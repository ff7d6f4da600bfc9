"""`cookbook doctor`: what this machine can run, and how to get the rest."""

import json

import pytest

from cookbook.commands import doctor as doctor_module


@pytest.fixture(autouse=True)
def _no_namespaces(monkeypatch):
    monkeypatch.setattr(doctor_module, "examine_namespaces", lambda: (False, "The kernel forbids it."))


def test_what_is_missing_comes_with_its_command(type_command):
    result = type_command("doctor")
    assert result.exit_code == 0, result.output
    row = next(line for line in result.stdout.splitlines() if line.startswith("RabbitMQ "))
    assert "missing" in row
    assert "apt-get install --no-install-recommends rabbitmq-server" in row
    assert "The kernel forbids it." in result.stdout


def test_json_tells_which_recipes_can_run(type_command):
    told = json.loads(type_command("doctor", "--json").stdout)
    assert [tool["name"] for tool in told["tools"]] == ["python", "git", "uv", "make"]
    assert told["namespaces"] == {"available": False, "reason": "The kernel forbids it."}
    assert [(need["name"], need["source"]) for need in told["needs"]] == [("rabbitmq", "missing")]
    recipes = {recipe["id"]: recipe for recipe in told["recipes"]}
    assert recipes["swap"] == {"id": "swap", "can_run": False, "missing": ["rabbitmq"]}
    assert recipes["site"]["can_run"]


def test_without_git_nothing_runs(type_command, monkeypatch):
    real = doctor_module.shutil.which
    monkeypatch.setattr(
        doctor_module.shutil, "which", lambda name, **others: None if name == "git" else real(name, **others)
    )
    result = type_command("doctor")
    assert result.exit_code == 1
    assert "git" in result.stderr
    assert "apt-get install" in result.stderr


def test_services_that_cannot_be_read_are_told(type_command, repository):
    (repository.conf / "services.toml").write_text("[broken\n")
    result = type_command("doctor")
    assert result.exit_code == 2
    assert "services.toml cannot be read" in result.stderr


def test_pages_with_mistakes_do_not_keep_the_machine_from_being_examined(repository, monkeypatch):
    import typer
    from typer.testing import CliRunner

    from cookbook.commands import app

    def fail(*_):
        raise typer.Exit(2)

    monkeypatch.setattr(doctor_module, "refresh", fail)
    result = CliRunner().invoke(app, ["doctor", "--repository", str(repository.root)])
    assert result.exit_code == 0
    assert "RabbitMQ" in result.stdout
