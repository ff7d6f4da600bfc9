"""The reference project, copied elsewhere, does what its own README says, command by command."""

import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cookbook.runner.namespace import Namespace
from cookbook.runner.services import read_needs, start
from cookbook.runner.uv import find_pythons, find_uv, strip_environment, uv_cache
from cookbook.runner.workspace import copy_project

from .conftest import REPOSITORY, give_up
from .machine import Machine, wait_for

COMMAND = re.compile(r"^\$ (.+)$", re.MULTILINE)
# A server, and what shows that it serves.
SERVERS = {
    "uv run python manage.py runserver": ("http://127.0.0.1:8000/api/docs/", "swagger"),
    "uv run celery -A cookiecutter worker -l INFO": ("", "ready."),
    "uv run gunicorn --config=python:cookiecutter.gunicorn cookiecutter.wsgi": (
        "http://127.0.0.1:8000/health/live",
        "up",
    ),
}
# What its reader would see of each of the others.
PROMISES = {
    "uv sync": "",
    "uv run python manage.py migrate": "Applying accounts.0001_initial... OK",
    "uv run python manage.py seed_demo": "demo@example.com ",
    "uv run pytest": " passed in ",
    "uv run pytest -m smoke": " passed, ",
    "uv run ruff check .": "All checks passed!",
    "uv run mypy": "Success: no issues found",
    "uv run tox": "congratulations",
    "uv run python manage.py check --deploy --fail-level WARNING": "no issues",
    "uv run python manage.py collectstatic --noinput": "static files copied",
}
ASK = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())"


def list_commands() -> list[str]:
    """Return the commands of the project's README, in its order."""
    return COMMAND.findall((REPOSITORY.reference / "README.md").read_text())


class Copy:
    """A copy of the project in an empty folder elsewhere, in a network of its own."""

    def __init__(self, folder: Path, python: Path) -> None:
        self.project = folder / "elsewhere"
        copy_project(REPOSITORY.reference, self.project)
        tools = folder / "bin"
        tools.mkdir()
        (tools / "uv").symlink_to(find_uv(REPOSITORY.root))
        home = folder / "home"
        home.mkdir()
        interpreters = find_pythons(find_uv(REPOSITORY.root))
        for name, path in interpreters.items():
            (tools / name).symlink_to(path)
        kept = {name: value for name, value in strip_environment().items() if name.startswith(("SSL_", "PIP_", "UV_"))}
        self.environment = {
            **kept,
            "PATH": f"{tools}:{os.environ['PATH']}",
            "HOME": str(home),
            "UV_CACHE_DIR": uv_cache(),
            "UV_PYTHON": str(python),
            "UV_PYTHON_DOWNLOADS": "never",
        }
        self.network = Namespace.create()
        self.machine = Machine(self.project, python, self.network, self.environment)

    def type(self, command: str, *, connected: bool = False, **variables: str) -> str:
        """Type a command and return what it printed; it must end well.

        :param connected: whether it may fetch packages; then it is outside of the copy's own network.
        """
        words = ["bash", "-c", command]
        done = subprocess.run(
            words if connected else self.network.command(words),
            cwd=self.project,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}"
        return done.stdout

    def serve(self, command: str, **variables: str) -> None:
        """Start a server, see that it serves, and end it as Ctrl-C and a supervisor would."""
        url, promised = SERVERS[command]
        log = (self.project / "server.log").open("wb")
        process = subprocess.Popen(
            self.network.command(["bash", "-c", f"exec {command}"]),
            cwd=self.project,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.machine.running.append(process)

        def answers() -> bool:
            if not url:
                return promised in (self.project / "server.log").read_text()
            asked = self.network.command([self.environment["UV_PYTHON"], "-c", ASK, url])
            return promised in subprocess.run(asked, capture_output=True, text=True, check=False).stdout

        wait_for(answers, 60, lambda: (self.project / "server.log").read_text()[-3000:])
        os.killpg(process.pid, 15)
        process.wait(30)


@pytest.fixture
def elsewhere(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Copy]:
    """A copy, for one Python."""
    possible, reason = Namespace.available()
    if not possible:
        give_up(reason)
    minor = getattr(request, "param", "3.11")
    python = find_pythons(find_uv(REPOSITORY.root)).get(f"python{minor}")
    if python is None:
        give_up(f"Python {minor} is not here.")
    assert python is not None
    copy = Copy(tmp_path, python)
    yield copy
    copy.machine.close()
    copy.network.close()
    shutil.rmtree(copy.project / ".tox", ignore_errors=True)


def test_every_command_has_its_promise() -> None:
    """Both ways: none is shown that is not typed, none is typed that is not shown."""
    assert set(list_commands()) == {*PROMISES, *SERVERS}


def test_every_command_keeps_its_promise(elsewhere: Copy, tmp_path: Path) -> None:
    cache = REPOSITORY.build / "cache" / "services"
    redis = start(read_needs(REPOSITORY.conf)["redis"], elsewhere.network, tmp_path / "redis", cache)
    production = {
        "DJANGO_SETTINGS_MODULE": "cookiecutter.settings.production",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": f"sqlite:///{elsewhere.project}/db.sqlite3",
        "EMAIL_HOST": "smtp.example.com",
        "CELERY_BROKER_URL": "redis://127.0.0.1:6379/0",
    }
    try:
        for command in list_commands():
            deployed = "--deploy" in command or "gunicorn" in command or "collectstatic" in command
            if command in SERVERS:
                broker = {"CELERY_BROKER_URL": "redis://127.0.0.1:6379/0"} if "celery" in command else {}
                elsewhere.serve(command, **(production if deployed else broker))
                continue
            told = elsewhere.type(
                command, connected=command in ("uv sync", "uv run tox"), **(production if deployed else {})
            )
            assert PROMISES[command] in told, f"{command}\n{told[-3000:]}"
    finally:
        redis.stop()


@pytest.mark.parametrize("elsewhere", ["3.12", "3.13"], indirect=True)
def test_newer_django_runs_as_it_says(elsewhere: Copy) -> None:
    said = re.search(r"`(uv sync --no-group django52 --group django61)`", (elsewhere.project / "README.md").read_text())
    assert said, "README no longer says how to install Django 6.1"
    elsewhere.type(said[1], connected=True)
    assert elsewhere.type("uv run --no-sync python -m django --version").startswith("6.1")
    elsewhere.type("uv run --no-sync python manage.py migrate")
    assert " passed" in elsewhere.type("uv run --no-sync pytest -q -m smoke")
