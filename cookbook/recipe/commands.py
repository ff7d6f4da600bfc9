"""Commands: the ones that README, CONTRIBUTING and prose show, and the tests that have run them."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from .console import PROMPT, parse_session
from .problem import RecipeError
from .records import read_record, write_record

FILE = "commands.json"
LOCK = ".commands.lock"


@dataclass(frozen=True, kw_only=True)
class CommandEvidence:
    """What one test found out about one command.

    :param command: what a reader would type, without its prompt.
    :param by: the id of the test that ran it.
    :param when: the time in UTC, ISO 8601.
    """

    command: str
    outcome: Literal["passed", "failed"]
    by: str
    when: str


@dataclass(frozen=True, kw_only=True)
class _CommandFile:
    commands: tuple[CommandEvidence, ...] = ()


def split_commands(text: str) -> tuple[str, ...]:
    """Return the commands of a block, as a reader would type them.

    A block with ``$`` prompts is read as a session; in any other one each line is a command, a backslash at its end
    continues it, and lines that only comment are none.

    :param text: the block's body.
    :returns: the commands in order; none if the block has none.
    """
    lines = text.strip().splitlines()
    if any(line.startswith(PROMPT) for line in lines):
        try:
            return tuple(command.text.strip() for command in parse_session("\n".join(lines)))
        except RecipeError:
            return ()
    joined = "\n".join(lines).replace("\\\n", "\\\0").split("\n")
    commands = (command.replace("\\\0", "\\\n").strip() for command in joined)
    return tuple(command for command in commands if command and not command.startswith("#"))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # closing the file releases it
        yield


def read_commands(folder: Path) -> tuple[CommandEvidence, ...]:
    """Read what tests have recorded of commands. A missing or unreadable file counts as no evidence."""
    found = read_record(folder / FILE, _CommandFile)
    return found.commands if found else ()


def record_command(folder: Path, command: str, outcome: Literal["passed", "failed"], by: str) -> None:
    """Record that a test ran a command; it takes the place of what the same test said of it before.

    Safe for several processes at once: tests run in parallel.

    :param folder: the folder of evidence.
    :param command: what a reader would type, without its prompt.
    :param by: the id of the test.
    """
    when = datetime.now(UTC).isoformat(timespec="seconds")
    new = CommandEvidence(command=command.strip(), outcome=outcome, by=by, when=when)
    with _locked(folder):
        kept = [one for one in read_commands(folder) if (one.command, one.by) != (new.command, new.by)]
        records = sorted([*kept, new], key=lambda one: (one.command, one.by))
        write_record(folder / FILE, _CommandFile(commands=tuple(records)))
