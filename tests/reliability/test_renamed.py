"""A renamed project is deployed as the reference project is: in containers, and to a server by Ansible."""

import ast
import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cookbook.runner.namespace import Namespace
from cookbook.runner.services import find, read_needs, start
from cookbook.runner.uv import find_uv, uv_cache
from tests.doctests.newcomer.shop import git, make_shop

from .conftest import REPOSITORY, give_up

ADDRESS = "198.51.100.10"
SECONDS = 900


class Place:
    """Somebody's project beside a server, in a network of its own."""

    def __init__(self, project: Path, namespace: Namespace, environment: dict[str, str]) -> None:
        self.project = project
        self._namespace = namespace
        self.environment = environment

    def run(self, *argv: str, inside: bool = True, folder: str = ".", fails: bool = False, **variables: str) -> str:
        """Run a program in the network, or on this machine; return what it printed.

        :param fails: whether it has to fail.
        :raises AssertionError: it did otherwise.
        """
        done = subprocess.run(
            self._namespace.command(list(argv)) if inside else argv,
            cwd=self.project / folder,
            env={**os.environ, **self.environment, **variables},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert (done.returncode != 0) is fails, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def interrupt(self, task: str, *argv: str, folder: str, **variables: str) -> None:
        """Kill a play, with all its processes here, once it has begun a task.

        :raises AssertionError: it ended before.
        """
        with subprocess.Popen(
            self._namespace.command(list(argv)),
            cwd=self.project / folder,
            env={**os.environ, **self.environment, **variables, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as play:
            assert play.stdout is not None
            begun = any(task in line for line in play.stdout)
            os.killpg(play.pid, signal.SIGKILL)
        assert begun, f"the play ended before {task}"


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A renamed project beside the server that the test names."""
    need = read_needs(REPOSITORY.conf)[request.param]
    if (found := find(need)).source == "missing":
        give_up(f"{found.reason} {found.install}")
    with Namespace.create() as namespace:
        server = start(need, namespace, tmp_path, REPOSITORY.build / "cache" / "services")
        try:
            yield Place(make_shop(tmp_path / "shop"), namespace, server.environment)
        finally:
            server.stop()


def on(name: str) -> Any:
    """Have the fixture start a server."""
    return pytest.mark.parametrize("place", [name], indirect=True)


@on("docker")
def test_a_renamed_project_runs_in_containers(place: Place) -> None:
    place.run("docker", "compose", "config", "--quiet")
    try:
        place.run("docker", "compose", "up", "--build", "--wait")
    except AssertionError as error:
        # What came to nothing says why in its own log.
        raise AssertionError(place.run("docker", "compose", "logs", "--tail=20")) from error
    assert place.run("curl", "--silent", "http://127.0.0.1:8000/health/ready") == '{"status": "up"}'
    images = place.run("docker", "image", "ls", "--format={{.Repository}}:{{.Tag}}").split()
    assert "shop:development" in images
    assert not [image for image in images if "cookiecutter" in image]
    # The lock tells the two of them apart by the project's name.
    installed = place.run("docker", "compose", "exec", "app", "sh", "-c", "ls -d /opt/venv/lib/*/*/[Dd]jango-[0-9]*")
    assert len(installed.split()) == 1, installed


# Asks the site without a pause until it is told to end; prints how often which answer came.
ASKER = """
import collections, http.client, pathlib, socket, ssl, sys, time
address, certificate, end = sys.argv[1:]
trusted = ssl.create_default_context(cafile=certificate)
told = collections.Counter()
while not pathlib.Path(end).exists():
    try:
        with socket.create_connection((address, 443), 30) as plain:
            with trusted.wrap_socket(plain, server_hostname="www.example.com") as line:
                line.sendall(b"GET /health/ready HTTP/1.0\\r\\nHost: www.example.com\\r\\n\\r\\n")
                told[line.recv(12).decode()] += 1
    except OSError as error:
        told[repr(error)] += 1
    time.sleep(0.05)
print(dict(told))
"""


@on("target")
def test_a_renamed_project_is_deployed_to_a_server(place: Place, tmp_path: Path) -> None:
    """By molecule, with a certificate of its own, after a full disk and a killed play; then an unnoticed release."""
    uv = {"UV_CACHE_DIR": uv_cache(), "UV_PROJECT_ENVIRONMENT": str(place.project / ".venv"), "VIRTUAL_ENV": ""}
    command = [find_uv(REPOSITORY.root), "sync", "--quiet", "--frozen", "--no-default-groups", "--group", "molecule"]
    place.run(*command, inside=False, **uv)
    certificate, key = tmp_path / "own.crt", tmp_path / "own.key"
    subject = ["-subj", "/CN=www.example.com", "-addext", "subjectAltName=DNS:www.example.com"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject]
    place.run(*made, "-keyout", str(key), "-out", str(certificate), inside=False)
    (place.project / "ansible/inventory").write_text(f"[server]\n{ADDRESS} ansible_user=root\n")
    git(place.project, "add", "--all")
    git(place.project, "commit", "--quiet", "--allow-empty", "--message", "Name the server")
    given = {"POSTGRES_PASSWORD": secrets.token_hex(24), "DJANGO_SECRET_KEY": secrets.token_hex(32)}
    playbook = [str(place.project / ".venv/bin/ansible-playbook"), "site.yml"]
    variables = place.project / "ansible/vars/main.yml"
    told = variables.read_text().replace('tls_certificate: ""', f"tls_certificate: {certificate}")
    variables.write_text(told.replace('tls_key: ""', f"tls_key: {key}"))
    asked = ["curl", "--silent", "--cacert", str(certificate), "--resolve", f"www.example.com:443:{ADDRESS}"]

    # A server whose disk has no room is told apart before anything is changed.
    command = [str(place.project / ".venv/bin/ansible"), "server", "--module-name=command", "--args"]
    place.run(*command, "mount -t tmpfs -o size=100M none /srv", folder="ansible")
    told = place.run(*playbook, folder="ansible", fails=True, **given)
    assert "There are 100 MB free below /srv on the server" in told and "changed=0" in told, told[-3000:]
    place.run(*command, "umount /srv", folder="ansible")

    place.interrupt("Install the requirements that the lock names", *playbook, folder="ansible", **given)
    # Deploys, deploys again, which must change nothing, and looks at what runs.
    path = os.pathsep.join([str(place.project / ".venv/bin"), os.environ["PATH"]])
    told = place.run("molecule", "test", folder="ansible", PATH=path, NO_COLOR="1", **given)
    recaps = re.findall(r"changed=(\d+) .*failed=(\d+)", told)
    assert [failed for _, failed in recaps] == ["0"] * 3, told[-3000:]
    first, again, _ = (int(changed) for changed, _ in recaps)
    assert first > 0 and again == 0, recaps
    assert place.run(*asked, "https://www.example.com/health/ready") == '{"status": "up"}'

    git(place.project, "commit", "--quiet", "--allow-empty", "--message", "Another release")
    end = tmp_path / "end"
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(place.run, sys.executable, "-c", ASKER, ADDRESS, str(certificate), str(end))
        try:
            told = place.run(*playbook, folder="ansible", **given)
        finally:
            end.touch()
        answers = ast.literal_eval(asking.result())
    assert "Change to the release" in told and "failed=0" in told
    assert set(answers) == {"HTTP/1.1 200"} and answers["HTTP/1.1 200"] > 50, answers
