"""`make test` cannot be typed inside itself: this finds it among the processes that have led here."""

from pathlib import Path

import pytest

from .documents import REPOSITORY
from .machine import give_up, list_ancestors
from .newcomer import record

COMMAND = "make test"


def is_command(line: list[str]) -> bool:
    """Tell whether a process was started by typing the command: that program, that argument, no other."""
    return [Path(line[0]).name, *line[1:]] == COMMAND.split() if line else False


def test_make_test_is_running(request: pytest.FixtureRequest) -> None:
    if not any(is_command(line) and folder == REPOSITORY.root for folder, line in list_ancestors()):
        give_up("These tests were not started by `make test`, so nothing can be said of it.")
    record(COMMAND, True, request.node.nodeid)


@pytest.mark.parametrize(
    "line", [["make", "test", "-n"], ["make", "tests"], ["make"], [], ["bash", "make", "test"], ["make", "-k", "test"]]
)
def test_other_commands_do_not_count(line: list[str]) -> None:
    assert not is_command(line)


def test_the_command_counts_wherever_make_lies() -> None:
    assert is_command(["/usr/bin/make", "test"])
