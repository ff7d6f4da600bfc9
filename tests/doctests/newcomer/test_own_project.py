"""Somebody applies the RabbitMQ recipe to a project of their own, whose worker then sends the mails, told by AMQP."""

import json
import os
import re
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cookbook.runner.namespace import Namespace, NoNamespace
from cookbook.runner.process import Process
from cookbook.runner.services import ServiceError, find, read_needs, start

from .documents import REPOSITORY
from .machine import give_up
from .newcomer import Newcomer
from .shop import PACKAGE, digest_outside, git, make_shop

RECIPE = "replace_redis_with_rabbitmq"
CHANGED = [".env.example", "docker-compose.prod.yml", "docker-compose.yml", f"{PACKAGE}/settings/base.py"]
ACKNOWLEDGED = re.compile(
    r'^rabbitmq_global_messages_acknowledged_total\{[^}]*queue_type="rabbit_quorum_queue"\} (\d+)$', re.MULTILINE
)
ASK_WORKER = f"import json; from {PACKAGE}.celery import app; print(json.dumps(app.control.inspect(timeout=5).stats()))"


@dataclass
class Shop:
    """The reader's own project and its surroundings.

    :param printed: what `cookbook apply` printed.
    :param outside: digests of all files around the project: before and after.
    """

    project: Path
    environment: dict[str, str]
    printed: str
    outside: tuple[dict[str, str], dict[str, str]]
    network: Namespace | NoNamespace
    substitutions: dict[str, str] = field(default_factory=dict)
    started: list[Process] = field(default_factory=list)

    def find_command(self, beginning: str) -> str:
        """Return the command that `cookbook apply` printed, by its beginning; with the addresses of this machine."""
        lines = [line.strip() for line in self.printed.splitlines()]
        found = [line for line in lines if line.startswith(beginning)]
        assert found, f"`cookbook apply` printed no command that begins with {beginning!r}:\n{self.printed}"
        for shown, here in self.substitutions.items():
            found[0] = found[0].replace(shown, here)
        return found[0]

    def type(self, command: str, seconds: float = 120) -> str:
        """Type a command in the project's folder, its environment being active, and return what it printed."""
        done = subprocess.run(
            self.network.command(["bash", "-c", command]),
            cwd=self.project,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, f"`{command}` ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def start(self, command: str, ready: str) -> Process:
        """Type a command that stays, in another terminal, and wait for a line that says it is ready."""
        argv = ["bash", "-c", f"exec {command}"]
        process = Process(argv, cwd=self.project, environment=self.environment, network=self.network)
        self.started.append(process)
        assert process.wait_until(lambda: ready in process.output(), 60), f"`{command}`:\n{process.output()}"
        return process


@pytest.fixture(scope="module")
def shop(newcomer: Newcomer) -> Iterator[Shop]:
    """The project, after `cookbook apply`, with RabbitMQ running where the recipe expects it."""
    need = read_needs(REPOSITORY.conf)["rabbitmq"]
    if find(need).source == "missing":
        give_up(f"RabbitMQ is not here. Install it: {find(need).install}")
    around = newcomer.clone.parent
    project = make_shop(around / "own" / PACKAGE)
    before = digest_outside(around, project)
    outcome = newcomer.type(f"{newcomer.clone}/.venv/bin/cookbook apply {RECIPE} .", folder=project)
    assert outcome.status == 0, str(outcome)
    after = digest_outside(around, project)
    environment = {**newcomer.environment, "VIRTUAL_ENV": str(project / ".venv"), "PYTHONUNBUFFERED": "1"}
    environment["PATH"] = os.pathsep.join(
        [str(project / ".venv" / "bin"), str(newcomer.clone / ".uv" / "bin"), environment["PATH"]]
    )
    network = Namespace.create() if Namespace.available()[0] else NoNamespace()
    with network, tempfile.TemporaryDirectory(prefix="own-project-") as folder:
        try:
            server = start(need, network, Path(folder), REPOSITORY.build / "cache" / "services")
        except ServiceError as error:
            pytest.fail(str(error))
        own = Shop(project, environment, outcome.output, (before, after), network, server.substitutions)
        try:
            yield own
        finally:
            for process in own.started:
                process.kill()
            server.stop()


def test_only_what_the_recipe_says_is_changed(shop: Shop, newcomer: Newcomer) -> None:
    assert git(shop.project, "diff", "--name-only").splitlines() == CHANGED
    assert git(shop.project, "status", "--porcelain").splitlines() == [f" M {path}" for path in CHANGED]
    told = newcomer.type(f".venv/bin/cookbook apply {RECIPE} {shop.project} --json")
    assert sorted(change["path"] for change in json.loads(told.output)["changes"]) == CHANGED


def test_no_file_outside_is_changed(shop: Shop) -> None:
    before, after = shop.outside
    assert len(before) > 100, "the clone should lie around the project"
    assert after == before


def test_worker_sends_the_mail(shop: Shop) -> None:
    """The commands that `cookbook apply` printed, in their order, in the reader's environment."""
    find_command = shop.find_command
    with shop.network.connect(find_port(shop)) as connection:
        assert count_acknowledged(connection) == 0
    subprocess.run(["uv", "sync", "--frozen", "--quiet"], cwd=shop.project, env=shop.environment, check=True)
    shop.type(find_command('echo "CELERY_BROKER_URL='))
    worker = shop.start(find_command(f"celery --app={PACKAGE} worker"), " ready.")
    assert "Connected to amqp://guest:**@" in worker.output()
    shop.type(find_command("python manage.py migrate"))
    server = shop.start(find_command("python manage.py runserver"), "Starting development server at")
    register(shop)
    assert worker.wait_until(lambda: "succeeded in" in worker.output(), 30), worker.output()
    log = worker.output()
    assert "Task accounts.send_verification_mail[" in log
    assert "To: ada@example.org" in log
    assert "To: ada@example.org" not in server.output(), "the caller has sent the mail itself"
    pids = {one["pid"] for one in json.loads(shop.type(f"python -c '{ASK_WORKER}'").splitlines()[-1]).values()}
    assert pids == {worker.pid}
    assert server.pid not in pids
    with shop.network.connect(find_port(shop)) as connection:
        assert count_acknowledged(connection) >= 1


def test_applying_it_again_changes_nothing(shop: Shop, newcomer: Newcomer) -> None:
    before = git(shop.project, "diff")
    outcome = newcomer.type(f"{newcomer.clone}/.venv/bin/cookbook apply {RECIPE} .", folder=shop.project)
    assert outcome.status == 0, str(outcome)
    assert "already applied" in outcome.output
    assert git(shop.project, "diff") == before


def register(shop: Shop) -> None:
    """Register somebody over HTTP, by the commands that the recipe shows."""
    person = shop.find_command("PERSON=")
    assert shop.type(f"{person}\n{shop.find_command('curl --silent --json')}").strip() == "202"


def find_port(shop: Shop) -> int:
    """Return the port of the broker's counters, where it is not the usual one."""
    moved = [here for shown, here in shop.substitutions.items() if shown.endswith(":15692")]
    return int(moved[0].rpartition(":")[2]) if moved else 15692


def count_acknowledged(connection: socket.socket) -> int:
    """Return how many messages of quorum queues the broker says that workers have acknowledged."""
    with connection:
        connection.sendall(b"GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n")
        text = connection.makefile("rb").read().decode()
    [number] = ACKNOWLEDGED.findall(text)
    return int(number)
