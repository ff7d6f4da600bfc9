"""The project's backups and their restoring, on the server that the engine finds, also one from a wheel."""

import re
from collections.abc import Callable

from cookbook.runner.services import find, read_needs

from .conftest import REPOSITORY, give_up
from .machine import Machine


def test_database_is_restored_by_a_real_server(make_machine: Callable[..., Machine]) -> None:
    provision = find(read_needs(REPOSITORY.conf)["postgresql"])
    if "initdb" not in provision.programs:
        give_up(f"The tests start a server of their own, and none is here. Install it: {provision.install}")
    machine = make_machine("sqlite")
    folder = str(provision.programs["initdb"].parent)
    told = machine.run("-m", "pytest", "-q", "tests/test_backups.py::TestServer", PG_BINDIR=folder)
    assert re.search(r"^3 passed in ", told, re.MULTILINE), told
