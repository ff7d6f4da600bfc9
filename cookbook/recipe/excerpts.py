"""Excerpts: lines of the reference project that pages show, and the run of its own tests that has executed them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .manifest import Excerpt
from .records import read_record, write_record
from .repository import Repository

FILE = "excerpts.json"


@dataclass(frozen=True, kw_only=True)
class FileLines:
    """What a run of the project's tests did with the statements of one file; each counts by its first line.

    :param digest: of the file that ran.
    :param executed: the lines that ran.
    :param missing: those that did not, also where coverage is told not to count them.
    """

    digest: str
    executed: tuple[int, ...]
    missing: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class SuiteEvidence:
    """What a complete run of the project's tests left that passed.

    :param by: the command.
    :param when: the time in UTC, ISO 8601.
    :param files: by path, relative to the project's root.
    """

    by: str
    when: str
    files: dict[str, FileLines]


@dataclass(frozen=True)
class Suite:
    """What is known of the project's lines now.

    :param by: the command that executed them; empty if there was no run.
    :param changed: the files that are not what they were when they ran.
    """

    by: str = ""
    files: Mapping[str, FileLines] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()


def digest_file(path: Path) -> str:
    """Return the digest of a file's content; empty if it is gone."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def write_suite(folder: Path, evidence: SuiteEvidence) -> None:
    """Write down which lines a run has executed; the run before is forgotten.

    :param folder: the folder of evidence.
    """
    write_record(folder / FILE, evidence)


def forget_suite(folder: Path) -> None:
    """Forget the last run: what fails now is not to be shown by what passed before."""
    (folder / FILE).unlink(missing_ok=True)


def read_suite(repository: Repository) -> Suite:
    """Read which lines the last run has executed, and find the files that have changed since."""
    found = read_record(repository.evidence / FILE, SuiteEvidence)
    if found is None:
        return Suite()
    changed = (path for path, lines in found.files.items() if digest_file(repository.reference / path) != lines.digest)
    return Suite(found.by, found.files, frozenset(changed))


def name_lines(lines: list[int]) -> str:
    """Return line numbers as a reader would say them: ``line 3`` or ``lines 3, 5``."""
    return f"line{'s' if len(lines) > 1 else ''} {', '.join(map(str, lines))}"


def find_missing(excerpt: Excerpt, suite: Suite) -> str:
    """Return what an excerpt lacks to be verified; empty if it lacks nothing.

    Every statement among its lines must have run, and there must be one: a comment proves nothing by being there.

    :param excerpt: of a file that the suite knows as it is.
    """
    lines = suite.files[excerpt.path]
    shown = range(excerpt.first, excerpt.last + 1)
    if missing := [line for line in lines.missing if line in shown]:
        return f"no test executed {name_lines(missing)} of {excerpt.path}"
    if not any(line in shown for line in lines.executed):
        return f"it shows no statement of {excerpt.path}"
    return ""
