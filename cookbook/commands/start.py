"""Start: makes a project of the reader's own, renamed, with a fresh secret, under git, its tests green."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from ..application.problem import ApplicationError
from ..application.starting import amend_commit, check_name, check_place, write_project
from ..runner.failure import StepFailure
from ..runner.uv import find_uv, strip_environment
from .options import JsonOption, RepositoryOption, find_repository
from .output import FAILED, fail, note, print_json, say


def _run(command: list[str], project: Path, what: str) -> str:
    note(f"{what} ...")
    done = subprocess.run(
        command, cwd=project, env=strip_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        fail(
            f"{done.stdout[-4000:]}\n`{' '.join(command)}` ended with exit status {done.returncode} in {project}.\n"
            "The project is complete there; put right what is said above, and type the command again.",
            FAILED,
        )
    return done.stdout


def start_project(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What your project's Python package is to be called.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Where it is to lie: a folder that is not there yet.")],
    tests: Annotated[bool, typer.Option("--tests/--no-tests", help="Run the project's own tests at the end.")] = True,
    repository: RepositoryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Start a project of your own: a renamed copy of the reference project, under git, with a fresh secret.

    Its environment is made in `.venv`, and its tests are run. Nothing is written unless the whole project can be.
    """
    found = find_repository(repository)
    project = path.expanduser().absolute()
    try:
        check_name(name, found.reference)
        check_place(project)
        uv = find_uv(found.root)
        count = write_project(found.reference, name, project)
    except (ApplicationError, StepFailure) as error:
        fail(str(error))
    began = time.monotonic()
    _run(
        [uv, "sync", "--frozen", "--quiet", "--python", sys.executable], project, "Installing its libraries into .venv"
    )
    # Imports are in alphabetical order, in which the new name may stand elsewhere.
    ruff = str(project / ".venv" / "bin" / "ruff")
    _run([ruff, "check", "--select", "I", "--fix", "--quiet", "."], project, "Sorting its imports")
    _run([ruff, "format", "--quiet", "."], project, "Formatting what its new name made longer or shorter")
    try:
        amend_commit(project)
    except ApplicationError as error:
        fail(str(error), FAILED)
    summary = ""
    if tests:
        told = _run([str(project / ".venv" / "bin" / "python"), "-m", "pytest", "-q"], project, "Running its tests")
        summary = told.strip().splitlines()[-1]
    if as_json:
        print_json(
            {"name": name, "path": str(project), "files": count, "tests": summary or None, "uv": uv}
            | {"seconds": round(time.monotonic() - began, 1)}
        )
        return
    say(f"{name} lies in {project}: {count} files, one commit{', ' + summary if summary else ''}.")
    say("\nGo on:")
    for line in (f"cd {path}", "source .venv/bin/activate", "python manage.py migrate", "python manage.py runserver"):
        say(f"    {line}")
    say("\nIts README says the rest. Its secret is in .env, which git ignores.")
