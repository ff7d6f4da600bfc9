"""Excerpts on the site: each shows its file as it is, is copied to the letter, and says if it was executed."""

from textwrap import dedent

import pytest
from playwright.sync_api import expect

from cookbook.recipe.coverage import MOST_SAMPLES, judge_excerpt
from cookbook.recipe.excerpts import read_suite
from cookbook.recipe.manifest import Block, Inventory
from cookbook.recipe.repository import Repository
from cookbook.sphinx.badges import LABELS

from .conftest import Visit
from .test_copying import copy
from .test_evidence import AGAIN, read_status

LEAST = 3


@pytest.fixture(scope="session")
def excerpts(inventory: Inventory) -> dict[str, list[Block]]:
    """The excerpts of each page, in page order, by the page's path."""
    found: dict[str, list[Block]] = {}
    for block in inventory.blocks:
        if block.kind == "excerpt":
            found.setdefault(f"{block.docname}.html", []).append(block)
    return found


def test_there_are_excerpts(excerpts: dict[str, list[Block]]) -> None:
    assert sum(map(len, excerpts.values())) >= LEAST


def test_excerpts_are_the_lines_of_their_files(
    visit: Visit, excerpts: dict[str, list[Block]], repository: Repository
) -> None:
    for path, blocks in excerpts.items():
        page = visit(path)
        places = page.locator(".cookbook-excerpt")
        expect(places).to_have_count(len(blocks))
        for place, block in zip(places.all(), blocks, strict=True):
            assert block.excerpt is not None
            lines = (repository.reference / block.excerpt.path).read_text(encoding="utf-8").splitlines()
            shown = dedent("\n".join(lines[block.excerpt.first - 1 : block.excerpt.last]))
            assert place.locator("pre").inner_text().strip("\n") == shown, AGAIN
            assert copy(page, place.locator(".cookbook-copy")) == shown + "\n"
            expect(place.locator(".cookbook-head")).to_contain_text(block.excerpt.path)


def test_badges_say_whether_the_lines_were_executed(
    visit: Visit, excerpts: dict[str, list[Block]], repository: Repository
) -> None:
    suite = read_suite(repository)
    for path, blocks in excerpts.items():
        badges = visit(path).locator(".cookbook-excerpt .cookbook-status")
        expect(badges).to_have_count(len(blocks))
        for badge, block in zip(badges.all(), blocks, strict=True):
            assert block.excerpt is not None
            status, reason = judge_excerpt(block.excerpt, suite)
            assert read_status(badge.get_attribute("class") or "") == status, f"{path}: {reason}. {AGAIN}"
            assert badge.text_content() == LABELS[status]


def test_samples_are_few_and_give_reasons(inventory: Inventory) -> None:
    samples = [block for block in inventory.blocks if block.kind == "sample"]
    assert len(samples) <= MOST_SAMPLES
    assert all((block.reason or "").strip() for block in samples)
