"""Runs the reference project's own tests under coverage.py, and records for the site which lines they executed."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cookbook.recipe.digest import list_files
from cookbook.recipe.excerpts import FileLines, SuiteEvidence, digest_file, forget_suite, write_suite
from cookbook.recipe.repository import Repository, open_repository

HERE = Path(__file__).parent
SECONDS = 900
# The environment of the project's tox.ini: the one that CI names, else that of the Python at hand.
PAIR = os.environ.get("COOKBOOK_PAIR") or "py-django52"


@dataclass(frozen=True)
class Run:
    """How the tests ended.

    :param status: of tox.
    :param digests: of the project's Python files before it, by path.
    :param report: what coverage.py wrote down; empty if it did not come to that.
    :param output: what the tests printed.
    """

    status: int
    digests: dict[str, str]
    report: dict[str, Any]
    output: str


def find_repository() -> Repository:
    """Return the repository that these tests lie in."""
    return open_repository(HERE)


def digest_sources(project: Path) -> dict[str, str]:
    """Return the digest of each Python file of a project, by path."""
    paths = [path for path in list_files(project) if path.suffix == ".py"]
    return {path.relative_to(project).as_posix(): digest_file(path) for path in paths}


def run_suite(project: Path, report: Path) -> Run:
    """Run all tests of a project once; a report is written only if none fails, and the coverage is what it must be.

    :param report: the file that coverage.py writes to.
    """
    command = [sys.executable, "-m", "tox", "run", "-c", str(project), "-e", PAIR, "--", "--cov", "--no-cov-on-fail"]
    command += ["--cov-report=term", f"--cov-report=json:{report}"]
    digests = digest_sources(project)
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=SECONDS,
        check=False,
    )
    found = json.loads(report.read_text(encoding="utf-8")) if report.is_file() else {}
    return Run(done.returncode, digests, found, done.stdout)


def read_lines(run: Run) -> dict[str, FileLines]:
    """Return what each file's statements did.

    What coverage.py is told not to count is missing, too, unless it ran: nothing has tried it.
    """
    lines = {}
    for path, told in run.report.get("files", {}).items():
        executed = set(told["executed_lines"])
        missing = set(told["missing_lines"]) | (set(told["excluded_lines"]) - executed)
        lines[path] = FileLines(
            digest=run.digests.get(path, ""), executed=tuple(sorted(executed)), missing=tuple(sorted(missing))
        )
    return lines


def record_run(repository: Repository, run: Run) -> bool:
    """Write down what a run executed, if it passed and no file changed under it; else forget the run before.

    :returns: whether there is a record now.
    """
    if run.status != 0 or not run.report or digest_sources(repository.reference) != run.digests:
        forget_suite(repository.evidence)
        return False
    when = datetime.now(UTC).isoformat(timespec="seconds")
    command = f"tox run -c {repository.reference.name} -e {PAIR}"
    write_suite(repository.evidence, SuiteEvidence(by=command, when=when, files=read_lines(run)))
    return True
