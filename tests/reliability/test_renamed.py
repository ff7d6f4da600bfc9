"""A renamed project is deployed as the reference project is: in containers, and to a server by Ansible."""

import os
import secrets
import subprocess
from collections.abc import Iterator
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

    def run(self, *argv: str, inside: bool = True, folder: str = ".", **variables: str) -> str:
        """Run a program in the network, or on this machine; return what it printed.

        :raises AssertionError: it failed.
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
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout


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
    place.run("docker", "compose", "up", "--build", "--wait")
    assert place.run("curl", "--silent", "http://127.0.0.1:8000/health/ready") == '{"status": "up"}'
    images = place.run("docker", "image", "ls", "--format={{.Repository}}:{{.Tag}}").split()
    assert "shop:development" in images
    assert not [image for image in images if "cookiecutter" in image]


@on("target")
def test_a_renamed_project_is_deployed_to_a_server(place: Place) -> None:
    uv = {"UV_CACHE_DIR": uv_cache(), "UV_PROJECT_ENVIRONMENT": str(place.project / ".venv"), "VIRTUAL_ENV": ""}
    command = [find_uv(REPOSITORY.root), "sync", "--quiet", "--frozen", "--no-default-groups", "--group", "deploy"]
    place.run(*command, inside=False, **uv)
    (place.project / "ansible/inventory").write_text(f"[server]\n{ADDRESS} ansible_user=root\n")
    git(place.project, "add", "--all")
    git(place.project, "commit", "--quiet", "--allow-empty", "--message", "Name the server")
    given = {"POSTGRES_PASSWORD": secrets.token_hex(24), "DJANGO_SECRET_KEY": secrets.token_hex(32)}
    playbook = str(place.project / ".venv/bin/ansible-playbook")
    told = place.run(playbook, "site.yml", folder="ansible", **given)
    assert "failed=0" in told
    asked = ["curl", "--silent", "--insecure", "--resolve", f"www.example.com:443:{ADDRESS}"]
    assert place.run(*asked, "https://www.example.com/health/ready") == '{"status": "up"}'
    ansible = str(place.project / ".venv/bin/ansible")
    active = place.run(ansible, "server", "-a", "systemctl is-active shop-web shop-worker shop-beat", folder="ansible")
    assert active.split().count("active") == 3
