"""Doctor: what this machine can run, and the one command that gets each thing that is missing."""

import os
import platform
import re
import shutil
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from ..recipe.manifest import Inventory
from ..recipe.repository import Repository
from ..runner.failure import StepFailure
from ..runner.services.doctor import examine, examine_namespaces
from ..runner.services.errors import ServiceError
from ..runner.services.install import install_packages, list_packages, may_install
from ..runner.services.provision import Provision
from ..runner.uv import find_uv
from .inventory import refresh
from .options import InventoryOption, JsonOption, RepositoryOption, find_repository
from .output import FAILED, fail, print_json, print_table, say

VERSION = re.compile(r"\d+(?:\.\d+)+")
VERSION_SECONDS = 20
SOURCES = {"path": "on PATH", "wheel": "from a wheel", "address": "given address", "missing": "missing"}


@dataclass(frozen=True)
class Tool:
    """A program that the engine itself uses.

    :param essential: without it nothing can be run.
    :param install: the command that installs it, if it is missing.
    """

    name: str
    version: str | None
    essential: bool
    install: str | None

    @property
    def found(self) -> bool:
        """Whether it is there and runs."""
        return self.version is not None


def _read_version(program: str, root: Path) -> str | None:
    try:
        path = find_uv(root) if program == "uv" else shutil.which(program)
    except StepFailure:
        return None
    if path is None:
        return None
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=VERSION_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    match = VERSION.search(done.stdout)
    return match[0] if match else "?"


def examine_tools(root: Path) -> list[Tool]:
    """Look for the programs that the engine itself uses.

    :param root: the repository, where ``make`` keeps a uv of its own.
    """
    sudo = "" if os.geteuid() == 0 else "sudo "
    apt = f"{sudo}apt-get install --no-install-recommends"
    wanted = [
        ("git", True, f"{apt} git"),
        ("uv", True, "python3 -m pip install --target .uv uv"),
        ("make", False, f"{apt} make"),
    ]
    tools = [Tool("python", platform.python_version(), True, None)]
    for name, essential, install in wanted:
        version = _read_version(name, root)
        tools.append(Tool(name, version, essential, None if version else install))
    return tools


def list_runnable(inventory: Inventory, provisions: list[Provision]) -> dict[str, list[str]]:
    """Return for every manifest the needs that are missing here; an empty list means that it can run."""
    there = {provision.need.name for provision in provisions if provision.source != "missing"}
    return {manifest.id: [need for need in manifest.needs if need not in there] for manifest in inventory.manifests}


def _describe_provision(provision: Provision) -> dict[str, Any]:
    host = provision.address
    return {
        "name": provision.need.name,
        "label": provision.need.label,
        "source": provision.source,
        "version": provision.version,
        "address": f"{host[0]}:{host[1]}" if host else None,
        "install": provision.install,
        "reason": provision.reason,
    }


def _mark(good: bool, text: str) -> Text:
    return Text(text, style="green" if good else "yellow")


def _print_report(
    tools: list[Tool], provisions: list[Provision], namespaces: tuple[bool, str], runnable: dict[str, list[str]] | None
) -> None:
    rows: list[list[str | Text]] = [
        [tool.name, _mark(tool.found, tool.version or "missing"), "", tool.install or ""] for tool in tools
    ]
    isolated, why = namespaces
    rows.append(["network namespaces", _mark(isolated, "yes" if isolated else "no"), "", why])
    for provision in provisions:
        told = _describe_provision(provision)
        there = provision.source != "missing"
        version = told["version"] or told["address"] or ("?" if there else "missing")
        rows.append([told["label"], _mark(there, version), SOURCES[provision.source], told["install"] or ""])
    print_table(["", "version", "found", "how to get it"], rows)
    for provision in provisions:
        if provision.reason:
            say(f"\n{provision.need.label}: {provision.reason}")
    if not isolated:
        say("\nWithout network namespaces recipes run one after the other, and taken ports are replaced by free ones.")
    if runnable:
        say()
        verdicts = [
            [name, _mark(not missing, f"no: needs {', '.join(missing)}" if missing else "yes")]
            for name, missing in runnable.items()
        ]
        print_table(["recipe", "can run here"], verdicts)


def install_missing(repository: Repository) -> None:
    """Install by apt what recipes need and this machine lacks; where that is not allowed, print the command.

    :raises typer.Exit: with 1 if something is missing still.
    """
    missing = list_packages(examine(repository.conf))
    if not missing:
        say("Everything that recipes need is here.")
        return
    if may_install():
        say(f"Installing {', '.join(missing)} by apt.")
        install_packages(missing)
        missing = list_packages(examine(repository.conf))
    if missing:
        sudo = "" if os.geteuid() == 0 else "sudo "
        fail(
            "Some of what recipes need is missing, and apt may not or could not install it here. "
            f"This command does:\n  {sudo}apt-get install --no-install-recommends {' '.join(missing)}",
            FAILED,
        )


def examine_machine(
    install: Annotated[
        bool, typer.Option("--install", help="Install by apt what is missing, if this account may; else say how.")
    ] = False,
    repository: RepositoryOption = None,
    inventory: InventoryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what this machine can run, and how to get the rest."""
    found: Repository = find_repository(repository)
    if install:
        install_missing(found)
        return
    tools = examine_tools(found.root)
    try:
        provisions = examine(found.conf)
    except ServiceError as error:
        fail(str(error))
    namespaces = examine_namespaces()
    runnable = None
    try:
        runnable = list_runnable(refresh(found, inventory), provisions)
    except typer.Exit:
        # Pages with mistakes are told on standard error; the machine can be examined all the same.
        if inventory is not None:
            raise
    if as_json:
        print_json(
            {
                "tools": [asdict(tool) for tool in tools],
                "namespaces": {"available": namespaces[0], "reason": namespaces[1] or None},
                "needs": [_describe_provision(provision) for provision in provisions],
                "recipes": [
                    {"id": name, "can_run": not missing, "missing": missing}
                    for name, missing in (runnable or {}).items()
                ],
            }
        )
    else:
        _print_report(tools, provisions, namespaces, runnable)
    if missing := [tool for tool in tools if tool.essential and not tool.found]:
        names = "; ".join(f"{tool.name} ({tool.install})" for tool in missing)
        fail(f"Without these nothing can be run: {names}", FAILED)
