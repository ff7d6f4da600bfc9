"""The project under gunicorn, as a server in production runs it."""

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cookiecutter.settings.environment import BASE_DIR
from tests.inherited import inherit
from tests.programs import SAFE, read_documented

COMMAND = ["-m", "gunicorn", "--config=python:cookiecutter.gunicorn", "cookiecutter.wsgi"]
Fetch = Callable[..., tuple[int, str]]


class Server:
    """A running gunicorn with two workers, and the lines of its logs so far."""

    def __init__(self, folder: Path) -> None:
        variables = {
            **dict.fromkeys(read_documented(), ""),
            **SAFE,
            **inherit(),
            "TMPDIR": str(folder),
            "PYTHONWARNINGS": "ignore",
            "DATABASE_URL": "sqlite://:memory:",
            # Port 0: any that is free; the log says which.
            "GUNICORN_BIND": "127.0.0.1:0",
            "WEB_CONCURRENCY": "2",
            "PROMETHEUS": "true",
        }
        self.process = subprocess.Popen(
            [sys.executable, *COMMAND],
            cwd=BASE_DIR,
            env=variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.records: list[dict[str, Any]] = []
        listening = self.wait_for("Listening at")["message"]
        self.address = re.search(r"http://[\d.:]+", listening).group()

    def wait_for(self, words: str) -> dict[str, Any]:
        """Read the logs up to a message with these words."""
        for line in self.process.stderr:
            record = json.loads(line)
            self.records.append(record)
            if words in record["message"]:
                return record
        raise AssertionError(f"gunicorn ended without {words!r}: {self.records}")

    def fetch(self, path: str, **headers: str) -> tuple[int, str]:
        """Ask the server; the connection is closed, so that the next request meets any worker."""
        headers.setdefault("Host", SAFE["ALLOWED_HOSTS"])
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.address + path, headers=names)  # noqa: S310
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server, once for all."""
    folder = tmp_path_factory.mktemp("gunicorn")
    server = Server(folder)
    yield server
    server.process.terminate()
    server.process.communicate()
    assert server.process.returncode == 0
    assert not list(folder.glob("cookiecutter-metrics-*"))


def test_request_is_logged_in_json_without_its_query(server: Server) -> None:
    assert server.fetch("/health/live?token=s3cret", User_Agent="probe")[0] == 200
    record = server.wait_for("GET /health/live 200")
    assert record["logger"] == "gunicorn.access"
    assert (record["method"], record["path"], record["status"]) == ("GET", "/health/live", 200)
    assert (record["address"], record["agent"], record["bytes"]) == ("127.0.0.1", "probe", 16)
    assert record["milliseconds"] > 0
    assert {"request_id", "user_id", "task_id"} <= set(record)
    assert "s3cret" not in json.dumps(server.records)


def test_path_cannot_begin_a_line_of_its_own(server: Server) -> None:
    server.fetch("/health/live%0A%7B%22forged%22:1%7D")
    record = server.wait_for("%7B%22forged%22")
    assert record["path"] == "/health/live%0A%7B%22forged%22:1%7D"


def test_workers_add_up_what_they_counted(server: Server) -> None:
    sample = r'^http_requests_total{method="GET",status="200",view="health-live"} (\S+)$'

    def read() -> float:
        found = re.search(sample, server.fetch("/metrics")[1], re.MULTILINE)
        return float(found.group(1)) if found else 0.0

    before = read()
    for _ in range(20):
        assert server.fetch("/health/live")[0] == 200
    # Whichever worker answered, and whichever is asked now.
    assert {read() for _ in range(5)} == {before + 20}


def test_metrics_are_hidden_from_who_comes_through_a_proxy(server: Server) -> None:
    assert server.fetch("/metrics", X_Forwarded_For="127.0.0.1")[0] == 404
    # Scrapers name the process by its address, which ALLOWED_HOSTS does not list.
    assert server.fetch("/metrics", Host="10.0.0.5:8000")[0] == 200


def test_loopback_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "from cookiecutter import gunicorn as g; print(g.bind, g.workers, g.forwarded_allow_ips)"
    environment = {**dict.fromkeys(read_documented(), ""), **inherit()}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=BASE_DIR, env=environment, capture_output=True, text=True
    )
    assert done.stdout == "127.0.0.1:8000 1 127.0.0.1,::1\n"
