"""``cookbook serve``: executes what this machine can, builds the site with the evidence, serves it and the project."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from ..recipe.repository import Repository
from ..runner.demo import DemoError, prepare_demo, require_port, serve
from ..runner.failure import StepFailure
from .options import RepositoryOption, find_repository
from .output import FAILED, fail, say


def serve_everything(
    site_port: Annotated[int, typer.Option(metavar="PORT", min=1, max=65535, help="Where to serve the site.")] = 8001,
    project_port: Annotated[
        int, typer.Option(metavar="PORT", min=1, max=65535, help="Where to serve the project.")
    ] = 8000,
    repository: RepositoryOption = None,
) -> None:
    """Execute the recipes that this machine can run, then serve the site and the reference project.

    Recipes whose evidence is fresh are not run again; those that boot a server to deploy to are left to
    ``cookbook verify``. Ctrl-C stops both servers.
    """
    found = find_repository(repository)
    # A signal in the middle of the long part must end the programs started there too: they share the terminal's group.
    signal.signal(signal.SIGTERM, _interrupt)
    # A shell without job control starts what stands before `&` with this one ignored, and Python leaves it so.
    signal.signal(signal.SIGINT, _interrupt)
    try:
        require_port(site_port, "SITE_PORT")
        require_port(project_port, "PROJECT_PORT")
        say("Executing the recipes that this machine can run soon; what failed says so on its page.")
        command = [sys.executable, "-m", "cookbook", "verify", "--available", "--changed", "--quick"]
        _call([*command, "--repository", str(found.root)])
        say("Building the site.")
        build_site(found)
        demo = prepare_demo(found)
        # Again: minutes have gone by, and whoever took a port meanwhile would answer in our name.
        require_port(site_port, "SITE_PORT")
        require_port(project_port, "PROJECT_PORT")
        with serve(found, demo, site_port=site_port, project_port=project_port) as processes:
            say()
            say(f"The site:     http://127.0.0.1:{site_port}")
            say(f"The project:  http://127.0.0.1:{project_port}/api/docs/   (its admin is at /admin/)")
            say("Log in with:  " + "\n              ".join(demo.accounts))
            say("Ctrl-C stops both.")
            while not (ended := [name for name, process in processes.items() if process.poll() is not None]):
                time.sleep(0.2)
            fail(f"The {ended[0]} ended. See {demo.folder.parent / 'servers.log'}.", FAILED)
    except (DemoError, StepFailure) as error:
        fail(str(error), FAILED)
    except KeyboardInterrupt:
        say("\nStopped.")


def build_site(repository: Repository) -> None:
    """Build the site from the evidence at hand.

    :raises DemoError: if Sphinx cannot build it.
    """
    build = repository.build
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-b",
        "html",
        "-d",
        build / "doctrees",
        repository.docs,
        build / "html",
    ]
    if _call([str(part) for part in command], repository.root):
        raise DemoError("The site could not be built; the lines above say why.")


def _call(command: list[str], folder: Path | None = None) -> int:
    return subprocess.run(command, cwd=folder, check=False).returncode


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
