"""Whatever the settings make Django import is declared in pyproject.toml."""

import os
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
from django.conf import settings
from django.db import connection

from cookiecutter.settings import base
from cookiecutter.settings.environment import BASE_DIR


def normalise(name: str) -> str:
    """Bring a distribution's name into the one form that all its spellings share."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_declared() -> set[str]:
    """Read the names of the project's dependencies.

    A database that is chosen for one run, as CI does, may have its driver from a group.
    """
    declared = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())
    lines = list(declared["project"]["dependencies"])
    if os.environ.get("DATABASE_URL"):
        lines += declared["dependency-groups"]["mariadb"]
    names = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines)
    return {normalise(name.group()) for name in names if name}


def list_modules() -> set[str]:
    """List the top-level modules of other people that the settings name."""
    dotted = [*settings.INSTALLED_APPS, *settings.MIDDLEWARE, connection.Database.__name__]
    modules = {name.split(".")[0] for name in dotted}
    if base.CELERY_BROKER_URL.startswith("redis"):
        # Celery imports it only once a worker starts; the driver for AMQP it requires itself.
        modules.add("redis")
    own = {path.parent.name for path in BASE_DIR.glob("*/__init__.py")}
    return modules - own - set(sys.stdlib_module_names)


@pytest.mark.smoke
def test_every_module_the_settings_name_is_declared() -> None:
    provided = packages_distributions()
    declared = read_declared()
    missing = {
        module: provided.get(module, ["not installed"])
        for module in list_modules()
        if not declared & {normalise(name) for name in provided.get(module, [])}
    }
    assert not missing, f"declare these in pyproject.toml, [project] dependencies: {missing}"
