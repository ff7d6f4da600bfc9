"""Checks: what every recipe must pass after its steps, and where it really ran."""

import json
import re
import shlex
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..recipe.evidence import CheckEvidence
from ..recipe.manifest import Manifest
from ..recipe.repository import Check, Repository
from .background import Background
from .failure import StepFailure, both_ends, last_lines
from .shell import Ran, State, run_command
from .suites import SuiteRun, digest_place

CHECK_SECONDS = 900.0
PROBE_SECONDS = 60.0

# The checks that the engine adds to those of conf/cookbook.toml.
BACKGROUND_STEPS = "background-steps"
CONNECTION = "connection"

# pytest's summary line, and that of Django's own test command.
SUMMARY = re.compile(r"^(?:=+ )?((?:\d+ [a-z]+(?:, )?)+) in [\d.]+s")
COUNTED = {"passed", "failed", "error", "errors", "xfailed", "xpassed"}
FAILED = re.compile(r"\b(failed|errors?)\b")
DESELECTED = re.compile(r"\b(\d+) deselected\b")
UNITTEST = re.compile(r"^Ran (\d+) tests? in ")

PROBE = """\
import json, platform, sys
sys.path.insert(0, {project!r})
sys.path.insert(0, {driver!r})
import driver
sys.path.remove({driver!r})
driver.set_up_django({project!r})
import django
from django.db import connection
with connection.cursor():
    version = connection.get_database_version()
vendor = connection.display_name
if getattr(connection, "mysql_is_mariadb", False):
    vendor = "MariaDB"
print(json.dumps({{"python": platform.python_version(), "django": django.get_version(),
    "connection": {{"vendor": vendor, "version": ".".join(map(str, version))}}}}))
"""


def list_checks(repository: Repository, manifest: Manifest) -> list[str]:
    """Return the names of the checks that follow a manifest's steps.

    Those of ``conf/cookbook.toml`` speak of the project: a copy of the whole site has none.
    """
    names = []
    started = {step.name for step in manifest.steps if step.kind == "background"}
    if started - {step.target for step in manifest.steps if step.kind == "stop"}:
        names.append(BACKGROUND_STEPS)
    if manifest.workspace == "project":
        names += [check.name for check in repository.checks]
        if (repository.reference / "manage.py").is_file():
            names.append(CONNECTION)
    return names


def count_tests(lines: list[str]) -> int | None:
    """Return how many tests ran, by a test runner's summary line; None if there is none. Skipped ones did not run."""
    for line in reversed(lines):
        if found := SUMMARY.match(line):
            pairs = (pair.split(" ", 1) for pair in found[1].split(", "))
            return sum(int(number) for number, outcome in pairs if outcome in COUNTED)
        if found := UNITTEST.match(line):
            return int(found[1])
    return None


def count_whole_tests(ran: Iterable[Ran], checks: Iterable[Check]) -> int | None:
    """Return how many tests passed in a step's command that begins as a check's does: without other variables.

    Whether that was all of them is seen when it is compared with how many there are.

    :returns: their number; None if there is no such command, or if one of its tests failed.
    """
    begins = tuple(check.begins for check in checks if check.begins)
    chosen = [one for one in ran if begins and one.command.text.startswith(begins)]
    failed = any(SUMMARY.match(line) and FAILED.search(line) for one in chosen for line in one.output)
    return None if failed else count_step_tests(chosen)


def count_step_tests(ran: Iterable[Ran]) -> int | None:
    """Return how many tests the largest run among a step's commands had; None if none of them ran tests."""
    counts = [count for one in ran if (count := count_tests(list(one.output))) is not None]
    return max(counts, default=None)


def choose_command(check: Check, manifest: Manifest) -> str:
    """Return a check's command for this manifest: the whole one for a recipe's first variant, else the smoke one."""
    return check.command if manifest.first else check.smoke or check.command


def count_all(lines: list[str]) -> int | None:
    """Return how many tests a project has, by the summary line of a run that left some of them out."""
    summary = next((line for line in reversed(lines) if SUMMARY.match(line)), "")
    ran, left = count_tests([summary]), DESELECTED.search(summary)
    return ran + int(left[1]) if ran is not None and left else ran


def run_check(
    check: Check, manifest: Manifest, project: Path, state: State, network: Any, before: SuiteRun | None = None
) -> CheckEvidence:
    """Run one check in the changed project, with the variables that the steps exported.

    Where a step has run all tests already and nothing has changed since, the smaller set is enough: it tells how many
    tests there are.

    :param before: the last step that ran tests.
    """
    if before and manifest.first and check.smoke and before.place == digest_place(project, state):
        smaller, lines = _run(check.name, check.smoke, project, state, network)
        if smaller.outcome == "passed" and count_all(lines) == before.tests:
            return replace(smaller, tests=before.tests, step=before.step)
    return _run(check.name, choose_command(check, manifest), project, state, network)[0]


def _run(name: str, command: str, project: Path, state: State, network: Any) -> tuple[CheckEvidence, list[str]]:
    started = time.monotonic()
    status, lines = run_command(command, project, state, network, CHECK_SECONDS)
    duration = time.monotonic() - started
    message = None
    if status:
        how = f"hung: it had not ended after {CHECK_SECONDS:g} seconds" if status < 0 else f"exit status {status}"
        message = f"`{command}`, run after the last step, failed ({how}):\n{both_ends(lines)}"
    evidence = CheckEvidence(
        name=name,
        command=command,
        outcome="failed" if status else "passed",
        duration=round(duration, 3),
        tests=count_tests(lines),
        message=message,
    )
    return evidence, lines


def stop_background(running: dict[str, Background]) -> CheckEvidence:
    """End what the page started and did not stop.

    :param running: the programs by the names of their steps; emptied.
    """
    started = time.monotonic()
    messages = []
    for name in list(running):
        try:
            running.pop(name).stop()
        except StepFailure as failure:
            messages.append(f"{name}: {failure}")
    return CheckEvidence(
        name=BACKGROUND_STEPS,
        command="SIGTERM to what the page started and did not stop",
        outcome="failed" if messages else "passed",
        duration=round(time.monotonic() - started, 3),
        message="\n".join(messages) or None,
    )


def probe(python: Path, project: Path, state: State, network: Any) -> dict[str, Any]:
    """Ask the project itself where it ran: versions of Python and Django, and its database by its own connection.

    :returns: ``python``, ``django`` and ``connection``; only ``message`` if the project cannot tell.
    """
    code = PROBE.format(project=str(project), driver=str(Path(__file__).parent))
    command = f"{shlex.quote(str(python))} -P -c {shlex.quote(code)}"
    status, lines = run_command(command, project, state, network, PROBE_SECONDS)
    if status == 0 and lines:
        try:
            return json.loads(lines[-1])
        except json.JSONDecodeError:
            pass
    return {"message": f"The project cannot connect to its database after the last step:\n{last_lines(lines)}"}
