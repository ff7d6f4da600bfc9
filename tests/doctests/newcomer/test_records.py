"""What the site's coverage will read: a record of every documented command. By its name this module comes last."""

from cookbook.recipe.commands import read_commands

from . import serving
from .documents import REPOSITORY, list_commands
from .test_make_test import COMMAND as MAKE_TEST


def test_every_command_is_recorded(serving: serving.Serving) -> None:
    """Records of earlier runs do not count: `make test` removes them first. It is itself recorded by its own test."""
    here = "tests/doctests/newcomer/"
    recorded = {one.command for one in read_commands(REPOSITORY.evidence) if one.by.startswith(here)}
    assert recorded >= set(list_commands()) - {MAKE_TEST}
