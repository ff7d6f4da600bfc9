"""Every other command of README and CONTRIBUTING, typed as it stands and in their order, in the clone of `make run`."""

import json
from pathlib import Path

import pytest

from cookbook.recipe.commands import split_commands

from . import serving, test_make_test
from .documents import DOCUMENTS, list_commands
from .newcomer import Newcomer, record

# What a reader takes from each command: a line that it must print. None: it says nothing, its effect is looked at.
PROMISES: dict[str, str | None] = {
    "cp -r reference_project ../my-project": None,
    ".venv/bin/cookbook list": "replace_redis_with_rabbitmq",
    ".venv/bin/cookbook apply replace_redis_with_rabbitmq ../my-project --dry-run": "Dry run: nothing was changed",
    ".venv/bin/cookbook verify change_the_database --variant database=SQLite": "passed",
    ".venv/bin/cookbook coverage --no-fail": " verified, ",
    ".venv/bin/cookbook doctor": "can run here",
    ".venv/bin/cookbook mutate change_the_database --variant database=SQLite --sample 3": "of 3 changes noticed",
    "make docs": "The site is in build/html.",
    ".venv/bin/pytest tests/cookbook/recipe": " passed in ",
    "make project": "project: OK",
    "make lint": "lint: OK",
}
# Typed by tests of their own.
ELSEWHERE = {serving.COMMAND, test_make_test.COMMAND}


def digest_folder(folder: Path) -> dict[Path, bytes]:
    """Return every file below a folder with its content."""
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_every_command_has_its_test() -> None:
    """Both ways: none is shown that no test types, and none is typed that the documents no longer show."""
    assert set(list_commands()) == {*PROMISES, *ELSEWHERE}


def test_site_shows_the_same_commands(newcomer: Newcomer) -> None:
    """The site's inventory finds the commands in its own way; it must have found the same."""
    outcome = newcomer.type(".venv/bin/cookbook list --json > list.json")
    assert outcome.status == 0, str(outcome)
    blocks = json.loads((newcomer.clone / "build" / "inventory" / "blocks.json").read_text(encoding="utf-8"))
    pages = {f"docs/source/{name.lower()}" for name in DOCUMENTS} | set(DOCUMENTS)
    shown = [command for one in blocks if one["page"] in pages for command in split_commands(one["text"])]
    assert {one["kind"] for one in blocks if one["page"] in pages} == {"command"}
    assert set(shown) == set(list_commands())


@pytest.mark.parametrize("command", [command for command in list_commands() if command not in ELSEWHERE])
def test_command(command: str, newcomer: Newcomer, request: pytest.FixtureRequest) -> None:
    own = newcomer.clone.parent / "my-project"
    before = digest_folder(own)
    outcome = newcomer.type(command)
    promised = PROMISES.get(command) or ""
    passed = outcome.status == 0 and promised in outcome.output
    record(command, passed, request.node.nodeid)
    assert outcome.status == 0, str(outcome)
    assert promised in outcome.output, str(outcome)
    if command.startswith("cp "):
        assert (own / "manage.py").is_file()
    else:
        assert digest_folder(own) == before, "the project beside the clone has changed"
