"""Finds uv, and makes virtual environments and pip's constraints with it; each prepared once and kept in a cache."""

import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from .failure import StepFailure
from .spares import take

PREPARE_SECONDS = 900
PYTHON_MINORS = (11, 12, 13)


def find_uv(root: Path) -> str:
    """Return the path of uv: ``COOKBOOK_UV``, next to this Python, in the repository's ``.uv``, or on PATH.

    :raises StepFailure: if it is nowhere.
    """
    if named := os.environ.get("COOKBOOK_UV"):
        if Path(named).is_file():
            return named
        raise StepFailure(f"COOKBOOK_UV names {named}, which is not there. Name a uv that is, or unset it.")
    for candidate in (Path(sys.executable).parent / "uv", root / ".uv" / "bin" / "uv"):
        if candidate.is_file():
            return str(candidate)
    if found := shutil.which("uv"):
        return found
    raise StepFailure("uv was not found. Install it: python3 -m pip install --target .uv uv")


def uv_cache() -> str:
    """Return uv's cache of the caller; a workspace has a HOME of its own and would start with an empty one."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return os.environ.get("UV_CACHE_DIR") or str(Path(base) / "uv")


@lru_cache(maxsize=1)
def find_pythons(uv: str) -> dict[str, Path]:
    """Return the machine's interpreters that the project can run on: ``python3.12`` and the like → their paths.

    A manager of several versions, such as pyenv, shows them to its own user only; a workspace has a HOME of its own.
    Nothing is downloaded.
    """
    found = {}
    environment = {**os.environ, **_switch_pyenv_on()}
    for minor in PYTHON_MINORS:
        command = [uv, "python", "find", "--system", "--no-python-downloads", f"3.{minor}"]
        done = subprocess.run(
            command, cwd="/", env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        if done.returncode == 0:
            found[f"python3.{minor}"] = Path(done.stdout.strip())
    return found


def _switch_pyenv_on() -> dict[str, str]:
    # pyenv's stand-ins answer only for the versions that are switched on.
    if os.environ.get("PYENV_VERSION") or not shutil.which("pyenv"):
        return {}
    command = ["pyenv", "versions", "--bare", "--skip-aliases"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    versions = [line for line in done.stdout.split() if line.replace(".", "").isdecimal()]
    return {"PYENV_VERSION": ":".join(versions)} if versions else {}


def strip_environment() -> dict[str, str]:
    """Return the caller's environment without what would lead a project's own programs astray."""
    astray = ("VIRTUAL_ENV", "PYTHONPATH", "UV_PROJECT_ENVIRONMENT", "DJANGO_SETTINGS_MODULE")
    return {key: value for key, value in os.environ.items() if key not in astray}


def _run(command: list[str], cwd: Path, **variables: str) -> str:
    environment = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "PYTHONPATH")}
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=PREPARE_SECONDS,
        check=False,
    )
    if done.returncode:
        raise StepFailure(
            f"The workspace's environment could not be made: `{shlex.join(command)}` said:\n{done.stderr}"
        )
    return done.stdout


def _digest(project: Path, *more: str) -> str:
    total = hashlib.sha256("\0".join([sys.executable, sys.version, *more]).encode())
    for name in ("pyproject.toml", "uv.lock"):
        path = project / name
        total.update(b"\0" + (path.read_bytes() if path.is_file() else b""))
    return total.hexdigest()[:20]


def _once(target: Path, make: Callable[[Path], None]) -> Path:
    """Make something in a cache unless it is there; processes that want the same wait for each other."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_name(f".{target.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            with tempfile.TemporaryDirectory(dir=target.parent, prefix=".making-") as folder:
                making = Path(folder) / target.name
                make(making)
                making.replace(target)
    return target


def make_environment(project: Path, command: str, uv: str, cache: Path) -> Path | None:
    """Make ``.venv`` in a workspace.

    The environment is prepared once, relocatable and with its bytecode, and each workspace gets hard links to it.
    pip replaces files, it does not write into them, so that a shown ``pip install`` changes one workspace only.

    :param project: the workspace's project.
    :param command: fills an empty environment, as ``conf/cookbook.toml`` says.
    :param cache: keeps prepared environments.
    :returns: the prepared environment, or None if this one was made for this workspace alone.
    :raises StepFailure: if uv or the command fails; with what it said.
    """

    def install(target: Path, filling: str, **variables: str) -> None:
        argv = shlex.split(filling)
        place = {"UV_PROJECT_ENVIRONMENT": str(target), "VIRTUAL_ENV": str(target)}
        _run([uv if argv[0] == "uv" else argv[0], *argv[1:]], project, **place, **variables)

    def fill(target: Path, filling: str) -> None:
        options = ["--seed", "--relocatable", "--quiet", "--no-project", "--python", sys.executable]
        _run([uv, "venv", *options, str(target)], project)
        install(target, filling, UV_COMPILE_BYTECODE="1")

    settings = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    # A project that can be built installs itself, by its path: that is left for the copy.
    own = "build-system" in settings
    if own and shlex.split(command)[:2] != ["uv", "sync"]:
        fill(project / ".venv", command)
        return None
    shared = f"{command} --no-install-project" if own else command
    prepared = _once(cache / "environments" / _digest(project, shared), lambda making: fill(making, shared))
    take(prepared, project / ".venv")
    if own:
        install(project / ".venv", command)
    return prepared


def export_constraints(project: Path, uv: str, cache: Path) -> Path:
    """Return a file with everything that the project's lock pins, in pip's words, for shown installs.

    :param project: a folder with ``uv.lock``.
    """

    def export(making: Path) -> None:
        command = [uv, "export", "--frozen", "--quiet", "--no-hashes", "--no-emit-project", "--no-annotate"]
        try:
            text = _run([*command, "--all-extras", "--all-groups"], project)
        except StepFailure:  # groups that exclude each other
            text = _run([*command, "--all-extras"], project)
        making.write_text(text, encoding="utf-8")

    return _once(cache / "constraints" / f"{_digest(project)}.txt", export)
