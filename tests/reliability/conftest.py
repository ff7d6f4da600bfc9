"""Gives the tests an installed project and real servers; in CI nothing may be left out."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cookbook.recipe.repository import open_repository
from cookbook.runner.namespace import Namespace
from cookbook.runner.services import find, read_needs, start
from cookbook.runner.uv import find_uv, make_environment
from cookbook.runner.workspace import copy_project

from .machine import BROKERS, DATABASES, SETTINGS, Machine

REPOSITORY = open_repository(Path(__file__).parent)
CREATE_DATABASE = (
    'import MySQLdb; MySQLdb.connect(host="127.0.0.1", user="root").query('
    '"CREATE DATABASE cookiecutter CHARACTER SET utf8mb4")'
)
IN_CI = os.environ.get("CI", "").lower() in ("1", "true")


def give_up(reason: str) -> None:
    """Skip what cannot run here; in CI that is a failure."""
    (pytest.fail if IN_CI else pytest.skip)(reason)


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the reference project with its environment."""
    project = tmp_path_factory.mktemp("installed") / "reference_project"
    copy_project(REPOSITORY.reference, project)
    make_environment(project, REPOSITORY.environment or "", find_uv(REPOSITORY.root), REPOSITORY.build / "cache")
    (project / "reliability.py").write_text(SETTINGS)
    return project


@pytest.fixture
def make_machine(installed: Path, tmp_path: Path) -> Iterator[Callable[..., Machine]]:
    """Make a machine with a database and, if asked for, a broker; the tables are there."""
    made: list[Machine] = []

    def make(database: str, broker: str | None = None, **variables: str) -> Machine:
        needs, names = read_needs(REPOSITORY.conf), [database, *([broker] if broker else [])]
        for name in names:
            if name != "sqlite" and (provision := find(needs[name])).source == "missing":
                give_up(f"{needs[name].label} is missing: {provision.reason} Install it: {provision.install}")
        possible, reason = Namespace.available()
        if not possible:
            give_up(reason)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "reliability",
            "PYTHONPATH": str(installed),
            "DATABASE_URL": DATABASES[database],
            **({"CELERY_BROKER_URL": BROKERS[broker]} if broker else {}),
            **variables,
        }
        (installed / "reliability.sqlite3").unlink(missing_ok=True)
        machine = Machine(installed, installed / ".venv" / "bin" / "python", Namespace.create(), environment)
        made.append(machine)
        for name in names:
            if name != "sqlite":
                cache = REPOSITORY.build / "cache" / "services"
                machine.servers[name] = start(needs[name], machine.namespace, tmp_path / "servers", cache)
        if database == "mariadb":
            install_driver(installed)
            machine.run("-c", CREATE_DATABASE)
        machine.run("manage.py", "migrate", "--verbosity", "0")
        return machine

    yield make
    for machine in made:
        machine.close()
        for server in machine.servers.values():
            server.stop()
        machine.namespace.close()


def install_driver(project: Path) -> None:
    """Put MariaDB's driver into the copy's environment, as its recipe does."""
    python = project / ".venv" / "bin" / "python"
    uv = find_uv(REPOSITORY.root)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, "mysqlclient"], check=True)
