"""makefile.sh sets a fresh Debian up, in one go, as often as it is called."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from cookbook.runner.workspace import copy_project

from .conftest import REPOSITORY, give_up
from .debian import USER, Debian


@pytest.fixture(scope="module")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Debian]:
    """A fresh Debian with a copy of the project in its user's home."""
    if os.geteuid() != 0:
        give_up("A Debian of one's own takes root.")
    if shutil.which("debootstrap") is None:
        give_up("debootstrap is missing. Install it: apt-get install debootstrap")
    with Debian(tmp_path_factory.mktemp("debian")) as debian:
        copy_project(REPOSITORY.reference, debian.home / "cookiecutter")
        debian.run("chown", "--recursive", f"{USER}:", f"/home/{USER}", user="root")
        yield debian


@pytest.fixture(scope="module")
def set_up(debian: Debian) -> str:
    """What the script said when it was run for the first time, after a dry run had changed nothing."""
    before = snapshot(debian)
    dry = debian.run("./makefile.sh", "--dry-run", "--with-docker", "--with-ansible").stdout
    assert "This was a dry run" in dry
    assert snapshot(debian) == before
    return debian.run("./makefile.sh").stdout


def snapshot(debian: Debian) -> tuple[str, list[tuple[str, float]]]:
    """Describe what is installed, and every file of the user."""
    packages = debian.run("dpkg-query", "--show", user="root").stdout
    return packages, sorted((str(path), path.lstat().st_mtime) for path in debian.home.rglob("*"))


def read_environment(debian: Debian) -> dict[str, str]:
    """Read the project's .env."""
    lines = (debian.home / "cookiecutter/.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def ask_django(debian: Debian, expression: str) -> str:
    """Evaluate an expression in the project's shell."""
    code = f"from django.db import connection; print({expression})"
    return debian.run(".venv/bin/python", "manage.py", "shell", "--verbosity=0", "-c", code).stdout.strip()


def test_machine_is_ready_after_one_call(debian: Debian, set_up: str) -> None:
    assert "It is all there" in set_up
    assert ask_django(debian, "connection.vendor") == "postgresql"
    assert debian.run("redis-cli", "ping").stdout == "PONG\n"
    tested = debian.run(".venv/bin/python", "-m", "pytest", "-q", "-m", "smoke").stdout
    assert "database: postgresql" in tested and " passed" in tested and "failed" not in tested


def test_password_is_nobody_elses(debian: Debian, set_up: str) -> None:
    environment = debian.home / "cookiecutter/.env"
    assert stat.S_IMODE(environment.stat().st_mode) == 0o600
    password = read_environment(debian)["DATABASE_URL"].split(":")[2].partition("@")[0]
    assert len(password) >= 32 and password not in set_up


def test_second_call_changes_nothing(debian: Debian, set_up: str) -> None:
    environment = (debian.home / "cookiecutter/.env").read_text()
    packages = snapshot(debian)[0]
    again = debian.run("./makefile.sh").stdout
    assert "DATABASE_URL stands in .env" in again and "No migrations to apply" in again
    assert (debian.home / "cookiecutter/.env").read_text() == environment
    assert snapshot(debian)[0] == packages


def test_lost_password_is_replaced(debian: Debian, set_up: str) -> None:
    before = read_environment(debian)
    (debian.home / "cookiecutter/.env").unlink()
    debian.run("./makefile.sh")
    assert read_environment(debian)["DATABASE_URL"] != before["DATABASE_URL"]
    assert ask_django(debian, "connection.vendor") == "postgresql"


def test_docker_and_ansible_are_there_when_asked_for(debian: Debian, set_up: str) -> None:
    debian.run("./makefile.sh", "--with-docker", "--with-ansible")
    assert "Docker version" in debian.run("docker", "--version").stdout
    assert "ansible [core" in debian.run(f"/home/{USER}/.local/bin/ansible", "--version").stdout


def test_it_does_without_servers(debian: Debian, tmp_path: Path) -> None:
    place = debian.home / "light"
    copy_project(REPOSITORY.reference, place)
    debian.run("chown", "--recursive", f"{USER}:", f"/home/{USER}/light", user="root")
    told = debian.run("../light/makefile.sh", "--no-servers").stdout
    assert "PostgreSQL" not in told
    assert (place / "db.sqlite3").is_file() and not (place / ".env").exists()


@pytest.mark.parametrize(
    ("command", "status", "words"),
    [
        (["./makefile.sh", "--fast"], 2, "--fast is no option"),
        (["sudo", "./makefile.sh"], 1, "Run it without sudo"),
        (["sh", "-c", "mkdir -p ../lone && cp makefile.sh ../lone && ../lone/makefile.sh"], 1, "manage.py is not"),
        (["sh", "-c", "chmod -w . ; ./makefile.sh; status=$?; chmod +w .; exit $status"], 1, "cannot be written"),
    ],
)
def test_refusal_says_what_to_do(debian: Debian, command: list[str], status: int, words: str) -> None:
    done = debian.run(*command, check=False)
    assert done.returncode == status
    assert words in done.stdout


def test_failure_names_the_step_and_leaves_no_draft(debian: Debian, set_up: str) -> None:
    debian.run("mv", "uv.lock", "uv.lock.away")
    try:
        done = debian.run("./makefile.sh", check=False)
    finally:
        debian.run("mv", "uv.lock.away", "uv.lock")
    assert done.returncode != 0
    assert 'stopped at "the virtual environment"' in done.stdout
    assert not list((debian.home / "cookiecutter").glob(".env.*[!e]"))
