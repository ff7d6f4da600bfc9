"""Every other command of README and CONTRIBUTING, typed as it stands and in their order, in the clone of `make run`."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from cookbook.recipe.commands import split_commands

from . import serving, test_make_test
from .documents import DOCUMENTS, list_commands
from .machine import choose_port
from .newcomer import Newcomer, record

# What a reader takes from each command: a line that it must print.
PROMISES = {
    "make start NAME=shop TO=../shop": " passed in ",
    ".venv/bin/cookbook list": "replace_redis_with_rabbitmq",
    ".venv/bin/cookbook apply replace_redis_with_rabbitmq ../shop --dry-run": "Dry run: nothing was changed",
    ".venv/bin/cookbook verify change_the_database --variant database=SQLite": "passed",
    ".venv/bin/cookbook coverage --no-fail": " verified, ",
    ".venv/bin/cookbook doctor": "can run here",
    ".venv/bin/cookbook mutate change_the_database --variant database=SQLite --sample 3": "of 3 changes noticed",
    "make docs": "The site is in build/html.",
    ".venv/bin/pytest tests/cookbook/recipe": " passed in ",
    "make project": "project: OK",
    "make lint": "lint: OK",
    'make bench BENCH="requests --rounds 1"': "requests a second",
}
# Typed by tests of their own.
ELSEWHERE = {serving.COMMAND, test_make_test.COMMAND}


def digest_folder(folder: Path) -> dict[Path, bytes]:
    """Return every file below a folder with its content."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and ".venv" not in path.parts]
    return {path.relative_to(folder): path.read_bytes() for path in files}


def test_every_command_has_its_test() -> None:
    """Both ways: none is shown that no test types, and none is typed that the documents no longer show."""
    assert set(list_commands()) == {*PROMISES, *ELSEWHERE}


def test_site_shows_the_same_commands(newcomer: Newcomer) -> None:
    """The site's inventory finds the commands in its own way; it must have found the same."""
    outcome = newcomer.type(".venv/bin/cookbook list --json > ../list.json")
    assert outcome.status == 0, str(outcome)
    blocks = json.loads((newcomer.clone / "build" / "inventory" / "blocks.json").read_text(encoding="utf-8"))
    pages = {f"docs/source/{name.lower()}" for name in DOCUMENTS} | set(DOCUMENTS)
    shown = [command for one in blocks if one["page"] in pages for command in split_commands(one["text"])]
    assert {one["kind"] for one in blocks if one["page"] in pages} == {"command"}
    assert set(shown) == set(list_commands())


@pytest.mark.parametrize("command", [command for command in list_commands() if command not in ELSEWHERE])
def test_command(command: str, newcomer: Newcomer, request: pytest.FixtureRequest) -> None:
    own = newcomer.clone.parent / "shop"
    before = digest_folder(own)
    outcome = newcomer.type(command)
    promised = PROMISES.get(command, "")
    passed = outcome.status == 0 and promised in outcome.output
    record(command, passed, request.node.nodeid)
    assert outcome.status == 0, str(outcome)
    assert promised in outcome.output, str(outcome)
    if command.startswith("make start"):
        assert (own / "shop" / "settings" / "base.py").is_file()
    else:
        assert digest_folder(own) == before, "the project beside the clone has changed"


def test_started_project_knows_no_other_name_and_answers(newcomer: Newcomer) -> None:
    own = newcomer.clone.parent / "shop"
    assert own.is_dir(), "`make start` has made no project."

    def type_there(command: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": f"{own}/.venv/bin:{os.environ['PATH']}", "HOME": str(own.parent)}
        return subprocess.run(
            ["bash", "-c", command], cwd=own, env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    assert type_there("git grep --ignore-case cookiecutter").stdout == ""
    assert type_there("git status --short").stdout == ""
    assert (own / ".env").stat().st_mode & 0o777 == 0o600
    for command in (
        "python manage.py migrate --verbosity 0",
        "python manage.py check",
        "ruff check . && ruff format --check .",
        "celery --app=shop report | grep 'shop'",
    ):
        done = type_there(command)
        assert done.returncode == 0, done.stdout + done.stderr
    port = choose_port()
    serve = f"GUNICORN_BIND=127.0.0.1:{port} gunicorn --config=python:shop.gunicorn shop.wsgi & trap 'kill %1' EXIT"
    wait = (
        f"for _ in $(seq 100); do curl --silent http://127.0.0.1:{port}/health/ready && exit; sleep 0.1; done; exit 1"
    )
    settings = "export DJANGO_SETTINGS_MODULE=shop.settings.development"
    answered = type_there(f"{settings}; {serve}; {wait}")
    assert answered.stdout == '{"status": "up"}', answered.stderr
