"""`cookbook coverage`: the gate over every block of the site."""

import json

import pytest

from cookbook.recipe.commands import record_command
from cookbook.recipe.excerpts import FileLines, SuiteEvidence, digest_file, write_suite
from cookbook.recipe.manifest import Block, Excerpt, read_inventory, write_inventory

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
    reasons = [{"page": PAGE, "line": 2, "reason": "needs a domain"}]
    assert json.loads(result.stdout) == {
        "rendered": 4,
        "verified": 0,
        "samples": 1,
        "reasons": reasons,
        "unverified": places,
    }
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


def test_an_excerpt_counts_while_a_run_speaks_of_its_file(type_command, repository):
    path = "cookiecutter/settings/base.py"
    show(repository, {"kind": "excerpt", "excerpt": Excerpt(path=path, first=3, last=5)})
    lines = FileLines(digest=digest_file(repository.reference / path), executed=(3, 5), missing=(8,))
    write_suite(repository.evidence, SuiteEvidence(by="tox", when="", files={path: lines}))
    result = type_command("coverage", "--json")
    assert (result.exit_code, json.loads(result.stdout)["verified"]) == (0, 1)
    (repository.reference / path).write_text("A = 1\n")
    result = type_command("coverage")
    assert result.exit_code == 1
    assert f"{path} has changed since its lines were executed" in result.stdout


@pytest.mark.parametrize(("reasons", "word"), [(["needs a domain"] * 6, "6 samples"), ([" "], "gives no reason")])
def test_too_many_samples_or_one_without_a_reason_are_not_good(type_command, repository, reasons, word):
    write_runs(repository)
    show(repository, STEP, *({"kind": "sample", "reason": reason} for reason in reasons))
    result = type_command("coverage")
    assert result.exit_code == 1
    assert word in result.stderr
    assert type_command("coverage", "--no-fail").exit_code == 0


def test_five_samples_are_allowed_and_named(type_command, repository):
    write_runs(repository)
    show(repository, STEP, *({"kind": "sample", "reason": f"reason {number}"} for number in range(5)))
    result = type_command("coverage")
    assert result.exit_code == 0
    assert all(f"reason {number}" in result.stdout for number in range(5))


def test_a_site_without_blocks_is_not_good(type_command):
    result = type_command("coverage")
    assert result.exit_code == 1
    assert "no block at all" in result.stderr
