"""The whole HTTP API, tried out from its own schema: nothing fails, nothing answers what is not documented."""

import json
import os
import subprocess
from collections.abc import Callable

import pytest

from cookbook.runner.uv import find_uv

from .conftest import REPOSITORY
from .machine import Machine, wait_for

ADDRESS = "http://127.0.0.1:8000"
PASSWORD = "correct horse battery"
EXAMPLES = 30
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "ignored_auth",
]
# Throttles have tests of their own; here they would answer in place of what is behind them.
UNLIMITED = {
    **{
        f"THROTTLE_{name}": "1000000/min"
        for name in ("ANON", "USER", "REGISTER", "OTP", "VERIFY", "TOKEN", "UPLOAD", "RESET", "ACCOUNT", "EXPORT")
    },
    "LOGIN_MAX_FAILURES": "1000000",
    "LOGIN_MAX_FAILURES_PER_ADDRESS": "1000000",
    "ACCESS_TOKEN_MINUTES": "60",
    "WEB_CONCURRENCY": "1",
}


@pytest.fixture
def served(make_machine: Callable[..., Machine]) -> Machine:
    """The project behind gunicorn, on PostgreSQL, with an account of staff."""
    machine = make_machine("postgresql", **UNLIMITED)
    uv = find_uv(REPOSITORY.root)
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(machine.python.parents[1])}
    command = [uv, "sync", "--frozen", "--inexact", "--quiet", "--group", "fuzz"]
    subprocess.run(command, cwd=machine.project, env=environment, check=True)
    machine.run("manage.py", "seed_demo", "--password", PASSWORD)
    machine.spawn("-m", "gunicorn", "--config=python:cookiecutter.gunicorn", "cookiecutter.wsgi")
    wait_for(lambda: ask(machine, "/health/ready") == {"status": "up"}, 30, machine.logs)
    return machine


def ask(machine: Machine, path: str, body: dict | None = None) -> dict:
    """Send a request from inside the machine's network and return what JSON comes back; nothing while it is down."""
    code = (
        "import json, sys, urllib.request\n"
        "url, body = sys.argv[1], sys.argv[2].encode() or None\n"
        "request = urllib.request.Request(url, body, {'Content-Type': 'application/json'})\n"
        "try:\n    print(urllib.request.urlopen(request).read().decode())\n"
        "except OSError:\n    print('{}')"
    )
    return json.loads(machine.run("-c", code, f"{ADDRESS}{path}", json.dumps(body) if body else ""))


@pytest.mark.parametrize("who", ["nobody", "demo", "staff"])
def test_every_answer_is_documented_and_none_is_a_failure(served: Machine, who: str) -> None:
    options = []
    if who != "nobody":
        login = {"email": f"{who}@example.com", "password": PASSWORD}
        token = ask(served, "/api/v1/accounts/token/", login)["access"]
        options = ["--header", f"Authorization: Bearer {token}"]
    told = served.run(
        "-m",
        "schemathesis.cli",
        "run",
        f"{ADDRESS}/api/schema/",
        f"--checks={','.join(CHECKS)}",
        f"--max-examples={EXAMPLES}",
        "--seed=1",
        "--continue-on-failure",
        *options,
        seconds=300,
    )
    assert "No issues found" in told or " passed" in told, told
    print(told[-600:])
