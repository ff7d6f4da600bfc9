"""The project's own tests, all of them, on the servers that it supports beside SQLite."""

import re
from collections.abc import Callable

import pytest

from .machine import Machine

# They compare what the files of a project say, and no file of this copy was changed: it is told where its database is
# by the environment alone. The recipe "Change the database" changes the files, and runs these as well.
ABOUT_FILES = [
    "tests/test_compose.py::test_database_has_its_service",
    "tests/test_dependencies.py::test_every_module_the_settings_name_is_declared",
]
DATABASE = re.compile(r"^database: (\w+)", re.MULTILINE)
SUMMARY = re.compile(r"^(\d+) passed(?:, 2 deselected)? in ", re.MULTILINE)
LEAST = 580


@pytest.mark.parametrize("database", ["postgresql", "mariadb"])
def test_every_test_passes(database: str, make_machine: Callable[..., Machine]) -> None:
    machine = make_machine(database)
    options = [word for name in ABOUT_FILES for word in ("--deselect", name)]
    told = machine.run("-m", "pytest", "-q", *options, seconds=300)
    found = DATABASE.search(told)
    assert found and found[1] == database, told[-2000:]
    passed = SUMMARY.search(told)
    assert passed and int(passed[1]) >= LEAST, told[-2000:]
