"""The command itself: help, version, and where it finds its repository."""

import subprocess
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cookbook import __version__
from cookbook.commands import app
from cookbook.commands.options import find_repository

COMMANDS = sorted(command.name for command in app.registered_commands)


def test_version():
    result = CliRunner().invoke(app, ["--version"])
    assert result.exit_code == 0
    assert result.stdout == f"cookbook {__version__}\n"


def test_all_commands_are_there():
    assert {"list", "verify", "coverage", "apply", "doctor", "serve"} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command):
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert "--repository" in result.stdout


def test_wrong_usage_ends_with_2():
    assert CliRunner().invoke(app, ["list", "--no-such-option"]).exit_code == 2
    assert CliRunner().invoke(app, ["no-such-command"]).exit_code == 2


def test_the_installed_script_runs():
    import sys

    done = subprocess.run([Path(sys.executable).parent / "cookbook", "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    assert "cookbook doctor" in " ".join(done.stdout.split())


def test_the_repository_is_the_one_around_the_current_folder(repository, monkeypatch):
    monkeypatch.chdir(repository.docs)
    assert find_repository(None).root == repository.root


def test_elsewhere_it_is_the_one_that_the_engine_lies_in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_repository(None).root == Path(__file__).parents[3]


def test_a_repository_that_is_none_is_told(tmp_path, capsys):
    with pytest.raises(typer.Exit) as caught:
        find_repository(tmp_path)
    assert caught.value.exit_code == 2
    assert "cookbook.toml" in capsys.readouterr().err


def test_settings_that_cannot_be_read_are_told(repository, capsys):
    (repository.conf / "cookbook.toml").write_text("[[check]]\nno_such_key = 1\n")
    with pytest.raises(typer.Exit) as caught:
        find_repository(repository.root)
    assert caught.value.exit_code == 2
    assert "Restore conf/ from git" in capsys.readouterr().err
