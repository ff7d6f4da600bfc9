"""Runs the commands of `.readthedocs.yaml` as somebody without rights, on a machine with that file's packages alone."""

import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from cookbook.runner.workspace import PIP_FILES

from .clone import clone_repository, lend_evidence
from .documents import REPOSITORY
from .machine import can_hide, find_servers, hide, make_environment

SETTINGS = yaml.safe_load((REPOSITORY.root / ".readthedocs.yaml").read_text(encoding="utf-8"))
NOBODY = "nobody"
SECONDS = 900
BADGE = re.compile(r'class="cookbook-status cookbook-(\w+)"')
PAGES = [path.stem for path in sorted((REPOSITORY.docs / "how_to").glob("*.md"))]


def list_commands() -> list[str]:
    """Return the file's commands in the order in which Read the Docs runs them."""
    jobs = SETTINGS["build"]["jobs"]
    return [*jobs["create_environment"], *jobs["install"], *jobs["build"]["html"]]


@dataclass
class Builder:
    """Somebody who owns nothing but a folder.

    :param folder: holds HOME, the checkout and the output.
    :param prefix: makes a program run as that user.
    """

    folder: Path
    prefix: list[str]

    @property
    def checkout(self) -> Path:
        """The clone to build."""
        return self.folder / "checkout"

    @property
    def html(self) -> Path:
        """Where the site is expected."""
        return self.folder / "output" / "html"

    def run(self, argv: list[str], seconds: float = SECONDS) -> subprocess.CompletedProcess[str]:
        """Run a program as that user, where servers that Read the Docs would not have are not."""
        servers = find_servers(but=SETTINGS["build"]["apt_packages"])
        # The caches are those of the one who runs the tests, and closed to others.
        ours = ("PYENV_", "UV_CACHE_DIR", "PIP_CACHE_DIR")
        environment = {key: value for key, value in make_environment().items() if not key.startswith(ours)}
        environment |= {
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "PATH": os.pathsep.join([str(self.folder / "bin"), "/usr/local/bin", "/usr/bin", "/bin"]),
            "READTHEDOCS": "True",
            "READTHEDOCS_OUTPUT": str(self.folder / "output"),
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        return subprocess.run(
            hide(servers, [*self.prefix, *argv]),
            cwd=self.checkout,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )


def give_python(builder: Builder) -> None:
    """Put a `python` with pip on the user's PATH: one that they can run.

    An ordinary user cannot enter root's home, where root's own Python may lie; then a copy of it is theirs.
    """
    target = builder.folder / "bin" / "python"
    for candidate in (Path(sys.base_prefix) / "bin" / "python3", Path("/usr/bin/python3")):
        # By a shell, as later: setpriv itself may still enter folders that the user may not.
        script = f"{candidate} -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))'"
        if builder.run(["sh", "-c", script], seconds=60).returncode == 0:
            target.symlink_to(candidate)
            return
    copy = builder.folder / "python"
    shutil.copytree(sys.base_prefix, copy, symlinks=True, ignore=shutil.ignore_patterns("__pycache__", "test"))
    target.symlink_to(copy / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")
    assert builder.run(["python", "-m", "pip", "--version"], seconds=60).returncode == 0


def copy_pip_settings(home: Path) -> None:
    """Let the user reach the same package index as the one who runs the tests."""
    for name in PIP_FILES:
        if (path := Path.home() / name).is_file():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, home / name)


@pytest.fixture(scope="module")
def builder() -> Iterator[Builder]:
    """Somebody with a clean clone; without rights, if the tests' own user could give them away."""
    root = os.geteuid() == 0
    with tempfile.TemporaryDirectory(prefix="readthedocs-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        for part in ("home", "tmp", "output", "bin"):
            (folder / part).mkdir()
        user = ["setpriv", f"--reuid={NOBODY}", f"--regid={pwd.getpwnam(NOBODY).pw_gid}", "--clear-groups", "--"]
        builder = Builder(folder, user if root else [])
        clone_repository(REPOSITORY.root, builder.checkout)
        lend_evidence(REPOSITORY.root, builder.checkout)
        copy_pip_settings(folder / "home")
        if root:
            give_away(folder)
        give_python(builder)
        yield builder


def give_away(folder: Path) -> None:
    """Make the user own a folder and all that lies in it."""
    entry = pwd.getpwnam(NOBODY)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, entry.pw_uid, entry.pw_gid, follow_symlinks=False)


@pytest.fixture(scope="module")
def output(builder: Builder) -> str:
    """Everything that the commands printed; each must end well."""
    printed = []
    for command in list_commands():
        done = builder.run(["sh", "-c", command])
        printed.append(f"$ {command}\n{done.stdout}")
        assert done.returncode == 0, "\n".join(printed)
    return "\n".join(printed)


def test_user_has_no_rights(builder: Builder) -> None:
    assert builder.run(["id", "-u"]).stdout.strip() != "0"


def test_site_is_built(builder: Builder, output: str) -> None:
    assert "django-cookiecutter" in (builder.html / "index.html").read_text(encoding="utf-8"), output


def test_every_recipe_that_can_run_is_verified(builder: Builder, output: str) -> None:
    """A recipe that fails would be published as failed; it must not be."""
    assert not re.search("^Some recipes failed", output, re.MULTILINE), output
    for slug in PAGES:
        found = set(BADGE.findall((builder.html / "how_to" / f"{slug}.html").read_text(encoding="utf-8")))
        assert found, f"{slug} shows no badge"
        assert found <= {"verified", "not_run"}, f"{slug} shows {found}\n{output}"


@pytest.mark.parametrize("slug", ["change_the_database", "replace_redis_with_rabbitmq", "customize_api_errors"])
def test_servers_of_its_packages_were_used(builder: Builder, output: str, slug: str) -> None:
    page = (builder.html / "how_to" / f"{slug}.html").read_text(encoding="utf-8")
    assert "verified" in BADGE.findall(page), output


def test_what_cannot_run_there_says_so(builder: Builder, output: str) -> None:
    if not can_hide():
        pytest.skip("Only root can hide this machine's MariaDB from a program, to see what a page without it says.")
    page = (builder.html / "how_to" / "change_the_database.html").read_text(encoding="utf-8")
    assert "not run here" in page, output
