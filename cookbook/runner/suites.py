"""Suites: remembers which step ran all of the project's tests, so that the check at the end need not run them again.

What they proved still holds while nothing that they could depend on has changed since: the project's files, what it
reads from ``.env``, the variables of the reader's shell, and the packages of the environment.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..recipe.console import parse_session
from ..recipe.digest import digest_tree
from ..recipe.evidence import CheckEvidence
from ..recipe.manifest import Step
from ..recipe.repository import Check
from .shell import Ran, State
from .summaries import count_passed


@dataclass(frozen=True)
class SuiteRun:
    """A step that ran what a check runs.

    :param step: its name.
    :param tests: how many passed.
    :param place: the digest of what they depended on, before it ran.
    """

    step: str
    tests: int
    place: str


class Suites:
    """What the steps of one run have run of the checks."""

    def __init__(self, checks: Iterable[Check], project: Path) -> None:
        self._patterns = {check: re.compile(check.step) for check in checks if check.step}
        self._project = project
        self._latest: dict[str, SuiteRun] = {}

    def look(self, step: Step, state: State) -> str | None:
        """Return what a step that is about to run depends on; None if its first command is not that of a check.

        A command in front of it could change what another puts back behind it.
        """
        first = parse_session(step.text)[0].text
        if any(pattern.fullmatch(first) for pattern in self._patterns.values()):
            return digest_place(self._project, state)
        return None

    def note(self, step: Step, ran: Sequence[Ran], place: str) -> None:
        """Remember a step that has run. What it changed itself makes the digest at the end another one.

        :param place: what ``look`` said before.
        """
        for check, pattern in self._patterns.items():
            if pattern.fullmatch(ran[0].command.text) and (tests := count_passed(ran[0].output)):
                self._latest[check.name] = SuiteRun(step.name, tests, place)

    def find(self, check: Check, state: State) -> CheckEvidence | None:
        """Return what a step has proved of a check; None if it has to be run."""
        run = self._latest.get(check.name)
        if run is None or run.place != digest_place(self._project, state):
            return None
        return CheckEvidence(
            name=check.name, command=check.command, outcome="passed", duration=0.0, tests=run.tests, step=run.step
        )


def digest_place(project: Path, state: State) -> str:
    """Return the digest of everything that tests of a project depend on.

    :param project: its folder.
    :param state: the reader's shell.
    """
    total = hashlib.sha256(digest_tree(project).encode())
    # Files that git ignores are left out, as they are made by programs; but for the one that the reader writes.
    own = project / ".env"
    total.update(b"\0" + (own.read_bytes() if own.is_file() else b""))
    for name, value in sorted(state.environment.items()):
        total.update(f"\0{name}={value}".encode())
    for path in sorted(project.glob(".venv/lib/python*/site-packages/*")):
        total.update(f"\0{path.parent.parent.name}/{path.name}".encode())
    return total.hexdigest()
