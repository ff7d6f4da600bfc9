"""Where a benchmark runs: the reference project with the libraries that it is compared with, and fresh servers."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cookbook.recipe.repository import open_repository
from cookbook.runner.namespace import Namespace
from cookbook.runner.services import postgresql, read_needs, start
from cookbook.runner.uv import find_uv, strip_environment
from cookbook.runner.workspace import copy_project
from tests.reliability.machine import BROKERS, DATABASES, Machine

REPOSITORY = open_repository(Path(__file__).parent)
INSIDE = Path(__file__).parent / "inside"
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


def install(folder: Path) -> Path:
    """Install the project, the libraries that it is compared with, and the code that measures.

    :param folder: an empty folder.
    :returns: the project.
    """
    project = folder / "reference_project"
    copy_project(REPOSITORY.reference, project)
    shutil.copytree(INSIDE, project, dirs_exist_ok=True)
    command = [find_uv(REPOSITORY.root), "sync", "--frozen", "--quiet", "--group", "bench", "--python", sys.executable]
    environment = {**strip_environment(), "UV_COMPILE_BYTECODE": "1"}
    subprocess.run(command, cwd=project, env=environment, check=True)
    return project


@contextlib.contextmanager
def make_place(
    project: Path, database: str, broker: str | None = None, *, durable: bool = False, **variables: str
) -> Iterator[Machine]:
    """Make a network with servers of its own; the tables are there.

    :param project: see :func:`install`.
    :param database: ``sqlite`` or ``postgresql``.
    :param broker: ``redis``, if one is needed.
    :param durable: whether a commit waits until the disk has it.
    :param variables: further variables of the environment.
    """
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "bench_settings",
        "PYTHONPATH": str(project),
        "DATABASE_URL": DATABASES[database],
        "BENCH_DURABLE": str(int(durable)),
        **({"CELERY_BROKER_URL": BROKERS[broker]} if broker else {}),
        **variables,
    }
    relaxed, folders = dict(postgresql.SETTINGS), Path(tempfile.mkdtemp(prefix="bench-"))
    machine = Machine(project, project / ".venv/bin/python", Namespace.create(), environment)
    try:
        postgresql.SETTINGS.update(DURABLE if durable else {})
        for name in [database, *([broker] if broker else [])]:
            if name != "sqlite":
                cache = REPOSITORY.build / "cache/services"
                need = read_needs(REPOSITORY.conf)[name]
                machine.servers[name] = start(need, machine.namespace, folders / name, cache)
        (project / "reliability.sqlite3").unlink(missing_ok=True)
        # Which models there are depends on the database.
        shutil.rmtree(project / "benchmarked/migrations", ignore_errors=True)
        machine.run("manage.py", "makemigrations", "benchmarked", "--verbosity=0")
        machine.run("manage.py", "migrate", "--verbosity=0")
        yield machine
    finally:
        postgresql.SETTINGS.update(relaxed)
        machine.close()
        for server in machine.servers.values():
            server.stop()
        machine.namespace.close()
        shutil.rmtree(folders, ignore_errors=True)
