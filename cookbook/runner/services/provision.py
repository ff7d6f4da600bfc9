"""Find where a need is met on this machine: an address, a program on PATH, or a wheel; else how to install it."""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cookbook.runner.services.errors import ServiceError
from cookbook.runner.services.needs import Need

PREFER_WHEELS = "COOKBOOK_PREFER_WHEELS"
VERSION = re.compile(r"(?<![\w./-])v?(\d+(?:\.\d+)+)")
VERSION_SECONDS = 20


@dataclass(frozen=True)
class Provision:
    """How a need is met.

    Attributes:
        need: what was looked for.
        source: where it was found; the first of these that holds.
        version: what the program says of itself; None for an address, which tells only once connected.
        programs: the path of each program, under the name that ``conf/services.toml`` gives it.
        install: when missing, the one shell command that installs it.
        reason: when missing, what was looked at and why it did not do.
        address: host and port, when an address was given in the environment.
    """

    need: Need
    source: Literal["address", "path", "wheel", "missing"]
    version: str | None = None
    programs: dict[str, Path] = field(default_factory=dict, hash=False)
    install: str | None = None
    reason: str | None = None
    address: tuple[str, int] | None = None


def find(need: Need) -> Provision:
    """Look for a need: an address in the environment, then PATH, then a wheel (COOKBOOK_PREFER_WHEELS=1 swaps these).

    Args:
        need: one of those that ``read_needs`` returns.

    Returns:
        Where it was found, or a provision whose source is "missing".

    Raises:
        ServiceError: the environment gives an address that is none.
    """
    if address := read_address(need):
        return Provision(need, "address", address=address)
    if need.root and os.geteuid() != 0:
        return Provision(need, "missing", install="none: run this as root", reason="It takes root.")
    reasons = []
    searches = [("path", _search_path), ("wheel", _search_wheel)]
    if os.environ.get(PREFER_WHEELS, "") not in ("", "0"):
        searches.reverse()
    for source, search in searches:
        for programs in search(need, reasons):
            version, complaint = _read_version(need, programs)
            if complaint is None:
                return Provision(need, source, version, programs)
            reasons.append(complaint)
    reason = "; ".join(dict.fromkeys(reasons)) + "."
    return Provision(need, "missing", install=_install_command(need), reason=reason)


def read_address(need: Need) -> tuple[str, int] | None:
    """Return the host and port that the environment names for this need, if it does.

    Raises:
        ServiceError: the value is not ``host:port``.
    """
    text = os.environ.get(need.address_variable, "") if need.address_variable else ""
    if not text:
        return None
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        example = f"localhost:{need.ports[0]}"
        raise ServiceError(f"{need.address_variable} is {text!r}; expected host:port, such as {example}, or unset it.")
    return host.strip("[]"), int(port)


def _search_path(need: Need, reasons: list[str]) -> Iterator[dict[str, Path]]:
    listed = [Path(entry) for entry in os.environ.get("PATH", os.defpath).split(os.pathsep) if entry]
    extra = [folder for pattern in need.folders for folder in _expand(pattern)]
    folders = [*extra, *listed] if need.folders_first else [*listed, *extra]
    if not need.together:
        yield from _complete(need, folders, "on PATH", reasons)
        return
    seen = set()
    for folder in folders:
        if program := _look(need, need.programs[0], [folder]):
            # PATH may hold mere links, and only some: the programs lie together where the links lead.
            home = folder if need.folders_first else program.resolve().parent
            if home not in seen:
                seen.add(home)
                yield from _complete(need, [home], f"in {home}", reasons)
    if not seen:
        reasons.append(f"{need.programs[0]} was not found on PATH")


def _search_wheel(need: Need, reasons: list[str]) -> Iterator[dict[str, Path]]:
    if not need.wheel or not need.wheel_folder:
        return
    try:
        root = Path(str(importlib.metadata.distribution(need.wheel).locate_file("")))
    except importlib.metadata.PackageNotFoundError:
        reasons.append(f"the wheel {need.wheel} is not installed")
        return
    folders = _expand(str(root / need.wheel_folder))
    yield from _complete(need, folders, f"in the wheel {need.wheel}", reasons, needed=need.programs)


def _complete(
    need: Need, folders: list[Path], where: str, reasons: list[str], needed: tuple[str, ...] = ()
) -> Iterator[dict[str, Path]]:
    found = {name: _look(need, name, folders) for name in needed or need.programs}
    if missing := [name for name, path in found.items() if path is None]:
        reasons.append(f"{', '.join(missing)} {'was' if len(missing) == 1 else 'were'} not found {where}")
    else:
        yield {name: path for name, path in found.items() if path}


def _look(need: Need, name: str, folders: list[Path]) -> Path | None:
    for candidate in (name, *need.alternatives.get(name, ())):
        if path := shutil.which(candidate, path=os.pathsep.join(map(str, folders)) or os.devnull):
            return Path(path)
    return None


def _expand(pattern: str) -> list[Path]:
    folders = [path for path in Path("/").glob(pattern.lstrip("/")) if path.is_dir()]
    return sorted(folders, key=lambda path: [int(number) for number in re.findall(r"\d+", str(path))], reverse=True)


def _read_version(need: Need, programs: dict[str, Path]) -> tuple[str | None, str | None]:
    # Returns the version, or a complaint about what cannot be used.
    if need.version_glob:
        folders = _expand(need.version_glob)
        version = folders[0].name.rpartition("-")[2] if folders else None
    elif need.version_command:
        program = programs[need.version_command[0]]
        try:
            done = subprocess.run(
                [program, *need.version_command[1:]], capture_output=True, text=True, timeout=VERSION_SECONDS
            )
        except (OSError, subprocess.SubprocessError) as error:
            return None, f"{program} does not run ({error})"
        if done.returncode != 0:
            return None, f"{program} does not run (exit code {done.returncode}: {done.stderr.strip()[-200:]})"
        match = VERSION.search(done.stdout)
        version = match[1] if match else None
    else:
        version = None
    if need.minimum and (version is None or _numbers(version) < _numbers(need.minimum)):
        where = next(iter(programs.values())).parent
        return None, f"{need.label} in {where} is {version or 'of no known version'}, {need.minimum} or later is needed"
    return version, None


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def _install_command(need: Need) -> str:
    if not need.packages:
        return f"{sys.executable} -m pip install {need.wheel}"
    sudo = "" if os.geteuid() == 0 else "sudo "
    return f"{sudo}apt-get install --no-install-recommends {' '.join(need.packages)}"
