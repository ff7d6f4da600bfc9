"""Lists the variables of the environment: what the code reads, as ``.env.example`` describes it."""

import json
import os
import re
import secrets
import subprocess
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from cookiecutter.settings.environment import BASE_DIR, variables

EXAMPLE = BASE_DIR / ".env.example"
# Together they read all there are: the settings of development and tests read what base reads.
READERS = ("cookiecutter.settings.production", "cookiecutter.gunicorn")

_SECTION = re.compile(r"^# --- (.+) ---$")
_VARIABLE = re.compile(r"^#? ?([A-Z][A-Z0-9_]*)=(.*)$")


def read_example(path: Path = EXAMPLE) -> dict[str, dict[str, str]]:
    """Read how an example describes variables.

    :param path: the file; a comment speaks of the variables below it, up to the next blank line.
    :returns: the ``section``, ``description`` and ``example`` of each variable, by its name.
    """
    found: dict[str, dict[str, str]] = {}
    section = description = ""
    begun = False
    for line in path.read_text(encoding="utf-8").splitlines():
        if match := _SECTION.match(line):
            section = match.group(1)
        elif match := _VARIABLE.match(line):
            name, example = match.groups()
            # A section of variables that explain themselves is described by its title.
            text = _drop_introduction(description) or f"{section}."
            found[name] = {"section": section, "description": text, "example": example.strip()}
            begun = True
        elif line.startswith("#"):
            description = line[1:].strip() if begun else f"{description} {line[1:].strip()}".strip()
            begun = False
        else:
            description, begun = "", False
    return found


def read_code() -> list[dict[str, Any]]:
    """Read which variables the code reads, by letting it read them as a server in production does.

    :returns: name, kind, default, preferred default and module of each.
    :raises subprocess.CalledProcessError: when the settings cannot be loaded.
    """
    environment = {
        # Set but empty counts as not set, and keeps .env from being asked.
        **dict.fromkeys(read_example(), ""),
        "PATH": os.environ.get("PATH", ""),
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "localhost",
        "DATABASE_URL": "sqlite://:memory:",
    }
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", __name__],
        cwd=BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return list(json.loads(done.stdout))


def describe_variables() -> list[dict[str, Any]]:
    """Describe every variable that the code reads, in the order of ``.env.example``.

    :returns: for each its ``name``, ``type``, ``default``, ``production_default`` (``None`` where
        it is the same), ``description``, ``section``, ``example`` and the ``module`` that reads it.
        One that the example forgets has no section and comes last.
    """
    example = read_example()
    order = {name: place for place, name in enumerate(example)}
    described = []
    for variable in sorted(
        read_code(), key=lambda one: (order.get(one["name"], len(order)), one["name"])
    ):
        told = example.get(variable["name"], {"section": "", "description": "", "example": ""})
        described.append(
            {
                "name": variable["name"],
                "type": variable["kind"],
                "default": _shorten(variable["default"]),
                "production_default": _shorten(variable["preferred"]),
                **told,
                "module": variable["module"],
            }
        )
    return described


def _drop_introduction(description: str) -> str:
    # The sentence that leads over to the example: "This is the database of docker-compose.yml:"
    *sentences, last = description.split(". ")
    return ". ".join(sentences) + "." if sentences and last.endswith(":") else description


def _shorten(value: Any) -> Any:
    # Where this copy of the project lies says nothing about another.
    return value.replace(f"{BASE_DIR}/", "") if isinstance(value, str) else value


if __name__ == "__main__":
    for reader in READERS:
        import_module(reader)
    print(json.dumps([asdict(variable) for variable in variables.values()]))
