"""Runs every example in the reference project's docstrings and on the model pages, and sees that none is missed."""

from pathlib import Path

import pytest

from .examples import Documented, count_directives, find_documented, find_pages, list_pages, list_sources
from .project import Run, find_repository, run_examples

REPOSITORY = find_repository()
REFERENCE = REPOSITORY.reference
DOCUMENTED = find_documented(REFERENCE) + find_pages(REPOSITORY.docs)
LEAST = 17


@pytest.mark.parametrize("documented", DOCUMENTED, ids=lambda one: one.name)
def test_example_passes(documented: Documented, run: Run) -> None:
    item = run.find(documented.name)
    place = f"{documented.path.relative_to(REPOSITORY.root)}:{documented.line}"
    assert item is not None, f"{place}: the examples of {documented.name} were not found by pytest:\n{run.output}"
    assert item["outcome"] == "passed", f"{place}: {documented.name}: {item['outcome']}\n{item['report']}"
    assert (item["examples"], item["with_output"]) == (documented.codes, documented.outputs), (
        f"{place}: {documented.name} has {documented.codes} testcode and {documented.outputs} testoutput blocks, "
        f"pytest-sphinx read {item['examples']} and {item['with_output']}"
    )
    assert item["skipped"] == 0, f"{place}: an example of {documented.name} is skipped"


def test_nothing_else_was_collected(run: Run) -> None:
    assert sorted(item["name"] for item in run.items) == sorted(one.name for one in DOCUMENTED)


def test_every_block_in_the_sources_was_run(run: Run) -> None:
    counted = count_directives(list_sources(REFERENCE) + list_pages(REPOSITORY.docs))
    assert counted["testcode"] == sum(item["examples"] for item in run.items if item["outcome"] == "passed")
    assert counted["testoutput"] == sum(item["with_output"] for item in run.items if item["outcome"] == "passed")
    # Prompts would be read by another program, by other rules; the project's docstrings have one style.
    assert counted["prompts"] == 0
    assert counted["testcode"] >= LEAST


def test_every_example_shows_an_output() -> None:
    silent = [one.name for one in DOCUMENTED if one.codes != one.outputs]
    assert not silent, f"these show code without its output, which proves little: {', '.join(silent)}"


def test_spoilt_example_fails(project: Path, tmp_path: Path) -> None:
    """What the project prints no longer agrees with one docstring: that one fails, and no other."""
    module = project / "apps" / "accounts" / "managers.py"
    original = module.read_text(encoding="utf-8")
    shown = "ada@example.org True False False"
    assert original.count(shown) == 1
    try:
        module.write_text(original.replace(shown, "ada@example.org True True False"), encoding="utf-8")
        run = run_examples(project, tmp_path / "outcomes.json")
    finally:
        module.write_text(original, encoding="utf-8")
    failed = [item for item in run.items if item["outcome"] == "failed"]
    assert [item["name"].rpartition(".")[2] for item in failed] == ["create_user"]
    assert shown in failed[0]["report"]
    assert len(run.items) - len(failed) == len(DOCUMENTED) - 1
