"""Read what recipes may need, servers and programs, from ``conf/services.toml``."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cookbook.runner.services.errors import ServiceError


@dataclass(frozen=True)
class Need:
    """A server or program that recipes may ask for; the fields are explained in ``conf/services.toml``."""

    name: str
    label: str
    kind: Literal["server", "program"]
    packages: tuple[str, ...]
    programs: tuple[str, ...]
    ports: tuple[int, ...] = ()
    alternatives: dict[str, list[str]] = field(default_factory=dict, hash=False)
    folders: tuple[str, ...] = ()
    folders_first: bool = False
    together: bool = False
    minimum: str | None = None
    version_command: tuple[str, ...] = ()
    version_glob: str | None = None
    wheel: str | None = None
    wheel_folder: str | None = None
    address_variable: str | None = None
    root: bool = False
    suite: str | None = None
    seconds: float = 30.0


def read_needs(conf: Path) -> dict[str, Need]:
    """Read every need.

    Args:
        conf: the folder that holds ``services.toml``, or that file itself.

    Returns:
        The needs by name, in the file's order.

    Raises:
        ServiceError: the file is missing, is no TOML, or a table has a field too many or too few.
    """
    path = conf / "services.toml" if conf.is_dir() else conf
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ServiceError(f"{path} cannot be read: {error}. It lists the servers; restore it from git.") from error
    return {name: _make_need(path, name, table) for name, table in tables.items()}


def _make_need(path: Path, name: str, table: dict[str, object]) -> Need:
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    try:
        need = Need(name=name, **values)  # type: ignore[arg-type]
    except TypeError as error:
        detail = str(error).removeprefix("Need.__init__() ")
        raise ServiceError(f"{path}, table [{name}]: {detail}. The file's head lists the fields.") from error
    if need.kind not in ("server", "program"):
        raise ServiceError(f'{path}, table [{name}]: kind is {need.kind!r}; expected "server" or "program".')
    if need.kind == "server" and "ports" not in table:
        raise ServiceError(f"{path}, table [{name}]: a server needs its standard ports; add ports = […].")
    return need
