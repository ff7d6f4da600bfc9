"""`cookbook coverage`: the gate over every block of the site."""

import json

from cookbook.recipe.commands import record_command
from cookbook.recipe.manifest import Block, read_inventory, write_inventory

from .test_list import write_runs

PAGE = "docs/source/how_to/swap.md"


def show(repository, *blocks):
    """Let the site show these blocks, each a dictionary of what differs."""
    common = {"docname": "how_to/swap", "page": PAGE, "text": "", "language": "none"}
    made = tuple(Block(**({"index": line, "line": line} | common | block)) for line, block in enumerate(blocks, 1))
    inventory = read_inventory(repository.inventory)
    write_inventory(type(inventory)(manifests=inventory.manifests, blocks=made), repository.inventory)


STEP = {"kind": "step", "slug": "swap", "step": "name-the-broker"}


def test_every_block_needs_something_that_verifies_it(type_command, repository):
    show(
        repository,
        STEP,
        {"kind": "sample", "reason": "needs a domain"},
        {"kind": "command", "text": "$ make test"},
        {"kind": "other"},
    )
    result = type_command("coverage", "--json")
    assert result.exit_code == 1
    places = [{"page": PAGE, "line": line} for line in (1, 3, 4)]
    assert json.loads(result.stdout) == {"rendered": 4, "verified": 0, "samples": 1, "unverified": places}
    write_runs(repository)
    record_command(repository.evidence, "make test", "passed", "tests/site/test_make.py::test_test")
    result = type_command("coverage", "--json", "--fail")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["verified"] == 2
    assert json.loads(result.stdout)["unverified"] == [{"page": PAGE, "line": 4}]
    assert type_command("coverage", "--no-fail").exit_code == 0


def test_all_verified_is_good(type_command, repository):
    show(repository, STEP)
    write_runs(repository)
    result = type_command("coverage")
    assert result.exit_code == 0
    assert "1 blocks: 1 verified, 0 samples, 0 unverified." in result.stdout


def test_unverified_blocks_are_named_with_a_reason(type_command, repository):
    show(repository, STEP, {"kind": "excerpt"})
    result = type_command("coverage")
    assert result.exit_code == 1
    rows = result.stdout.splitlines()
    assert rows[1].startswith(f"{PAGE}:1")
    assert rows[1].rstrip().endswith("never run (swap)")
    assert rows[2].startswith(f"{PAGE}:2")


def test_a_site_without_blocks_is_not_good(type_command):
    result = type_command("coverage")
    assert result.exit_code == 1
    assert "no block at all" in result.stderr
