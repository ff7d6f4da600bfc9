"""Suites: remembers which step ran all of the project's tests, so that the check at the end need not run them again.

What they proved still holds while nothing that they could depend on has changed since: the project's files, what it
reads from ``.env``, the variables of the reader's shell, and the packages of the environment.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ..recipe.digest import digest_tree
from .shell import State

# Where a shell stands and what it did last says nothing of a program that is started elsewhere.
PASSING = {"PWD", "OLDPWD", "_", "SHLVL"}


@dataclass(frozen=True)
class SuiteRun:
    """A step that ran tests and changed nothing itself.

    :param step: its name.
    :param tests: how many ran.
    :param place: the digest of what they depended on.
    """

    step: str
    tests: int
    place: str


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
        if name not in PASSING:
            total.update(f"\0{name}={value}".encode())
    for path in sorted(project.glob(".venv/lib/python*/site-packages/*")):
        total.update(f"\0{path.parent.parent.name}/{path.name}".encode())
    return total.hexdigest()
