"""A project that is installed, in a network of its own with the servers that it needs."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cookbook.runner.namespace import Namespace
from cookbook.runner.services import Server

DATABASES = {
    "sqlite": "sqlite:///reliability.sqlite3",
    "postgresql": "postgres://postgres@127.0.0.1:5432/postgres",
    "mariadb": "mariadb://root@127.0.0.1:3306/cookiecutter",
}
BROKERS = {"redis": "redis://127.0.0.1:6379/0", "rabbitmq": "amqp://guest:guest@127.0.0.1:5672//"}
# The development settings, with the tables that the tests of the project have.
SETTINGS = """\
from cookiecutter.settings.development import *

INSTALLED_APPS = [*INSTALLED_APPS, "tests.tracked"]
if CELERY_BROKER_URL.startswith("amqp"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {"confirm_publish": True}
CELERY_BEAT_SCHEDULE["sweep-tasks"]["schedule"] = 2.0
LOGGING["root"]["level"] = "WARNING"
"""


@dataclass
class Machine:
    """Where the project runs.

    :param project: the project's folder.
    :param python: the interpreter of its environment.
    :param namespace: the network.
    :param servers: those that were started there, by name.
    """

    project: Path
    python: Path
    namespace: Namespace
    environment: dict[str, str]
    servers: dict[str, Server] = field(default_factory=dict)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def spawn(self, *arguments: str | Path, **variables: str) -> subprocess.Popen[bytes]:
        """Start Python with arguments, as the leader of a process group of its own; it is killed with the machine."""
        log = (self.project / f"process-{len(self.running)}.log").open("wb")
        process = subprocess.Popen(
            self.namespace.command([str(self.python), *map(str, arguments)]),
            cwd=self.project,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.running.append(process)
        return process

    def run(self, *arguments: str | Path, seconds: float = 120, **variables: str) -> str:
        """Run Python to its end and return what it printed."""
        done = subprocess.run(
            self.namespace.command([str(self.python), *map(str, arguments)]),
            cwd=self.project,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ask(self, expression: str) -> str:
        """Return what an expression is in the project's Django."""
        code = (
            "import django; django.setup()\n"
            "from apps.core.models import *\nfrom apps.core.outbox import *\nfrom tests.tracked.models import *\n"
            f"print({expression})"
        )
        return self.run("-c", code).strip()

    def start_worker(self, *options: str) -> subprocess.Popen[bytes]:
        """Start a Celery worker."""
        return self.spawn("-m", "celery", "-A", "cookiecutter", "worker", "-l", "WARNING", *options)

    def logs(self) -> str:
        """Return what all processes have written."""
        return "\n".join(path.read_text(errors="replace")[-3000:] for path in self.project.glob("process-*.log"))

    def close(self) -> None:
        """Kill what still runs."""
        for process in self.running:
            kill_group(process)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that it has started, without a word."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(condition: Callable[[], bool], seconds: float, what: Callable[[], str]) -> float:
    """Wait until a condition holds.

    :param what: says what was found instead, when it did not in time.
    :returns: how many seconds that took.
    """
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, f"not within {seconds:g} seconds:\n{what()}"
        time.sleep(0.2)
    return time.monotonic() - started
