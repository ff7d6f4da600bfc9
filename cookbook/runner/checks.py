"""Checks: what every recipe must pass after its steps, and where it really ran."""

import json
import shlex
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..recipe.evidence import CheckEvidence
from ..recipe.manifest import Manifest
from ..recipe.repository import Check, Repository
from .background import Background
from .failure import StepFailure, both_ends, last_lines
from .shell import Ran, State, run_command
from .summaries import count_tests

CHECK_SECONDS = 900.0
PROBE_SECONDS = 60.0

# The checks that the engine adds to those of conf/cookbook.toml.
BACKGROUND_STEPS = "background-steps"
CONNECTION = "connection"

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


def count_step_tests(ran: Iterable[Ran]) -> int | None:
    """Return how many tests the largest run among a step's commands had; None if none of them ran tests."""
    counts = [count for one in ran if (count := count_tests(one.output)) is not None]
    return max(counts, default=None)


def choose_command(check: Check, manifest: Manifest) -> str:
    """Return a check's command for this manifest: the whole one for a recipe's first variant, else the smoke one."""
    return check.command if manifest.first else check.smoke or check.command


def run_check(check: Check, manifest: Manifest, project: Path, state: State, network: Any) -> CheckEvidence:
    """Run one check in the changed project, with the variables that the steps exported."""
    command = choose_command(check, manifest)
    started = time.monotonic()
    status, lines = run_command(command, project, state, network, CHECK_SECONDS)
    duration = time.monotonic() - started
    message = None
    if status:
        how = f"hung: it had not ended after {CHECK_SECONDS:g} seconds" if status < 0 else f"exit status {status}"
        message = f"`{command}`, run after the last step, failed ({how}):\n{both_ends(lines)}"
    return CheckEvidence(
        name=check.name,
        command=command,
        outcome="failed" if status else "passed",
        duration=round(duration, 3),
        tests=count_tests(lines),
        message=message,
    )


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
