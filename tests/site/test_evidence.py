"""Badges and the report say what the evidence says, no more and no less."""

import posixpath
from pathlib import Path

from playwright.sync_api import Locator, expect

from cookbook.recipe.coverage import judge_blocks, judge_manifest, measure
from cookbook.recipe.evidence import Evidence, judge_step, worst
from cookbook.recipe.examples import read_records
from cookbook.recipe.excerpts import read_suite
from cookbook.recipe.manifest import Inventory, Manifest
from cookbook.recipe.repository import Repository
from cookbook.sphinx.badges import LABELS

from .conftest import Visit

Recipes = dict[str, list[Manifest]]
Digests = dict[str, dict[str, str]]
AGAIN = "The site does not show the evidence of this working tree. Build it again: make docs."


def read_status(classes: str) -> str:
    """Return the status that a badge's classes name."""
    (status,) = [name.removeprefix("cookbook-") for name in classes.split() if name != "cookbook-status"]
    return status


def find_row(rows: list[Locator], manifest: Manifest) -> Locator:
    """Return the row of a variant: the one whose first cell names it; the only one, if there are no variants."""
    name = ", ".join(manifest.variant.values())
    # What a narrow screen shows in place of the table's head ends with a colon.
    cells = [row.locator("td").first.inner_text().rpartition(": ")[2].strip() for row in rows]
    assert not name or cells.count(name) == 1, f"{name} in {cells}"
    return rows[cells.index(name) if name else 0]


def test_badges_say_what_the_evidence_says(
    visit: Visit, recipes: Recipes, evidence: dict[str, Evidence], digests: Digests
) -> None:
    for path, manifests in recipes.items():
        page = visit(path)
        for name in {step.name for manifest in manifests for step in manifest.steps}:
            status = worst(
                [
                    judge_step(name, digests[manifest.id][name], evidence.get(manifest.id))
                    for manifest in manifests
                    if name in digests[manifest.id]
                ]
            )
            badge = page.locator(f"#step-{name} .cookbook-status")
            expect(badge).to_have_count(1)
            assert read_status(badge.get_attribute("class") or "") == status, f"{path}#step-{name}: {AGAIN}"
            assert badge.text_content() == LABELS[status]


def test_recipe_states_when_and_where_it_ran(
    visit: Visit, recipes: Recipes, evidence: dict[str, Evidence], digests: Digests
) -> None:
    for path, manifests in recipes.items():
        page = visit(path)
        summary = page.locator(".cookbook-summary").inner_text()
        dates = sorted(one.started[:10] for one in evidence.values() if one.slug == manifests[0].slug and one.steps)
        assert all(date in summary for date in dates[:1] + dates[-1:]), AGAIN
        rows = page.locator("table.cookbook-runs tbody tr").all()
        assert len(rows) == len(manifests)
        for manifest in manifests:
            row = find_row(rows, manifest)
            ran = evidence.get(manifest.id)
            status = judge_manifest(manifest, ran, digests[manifest.id])
            assert read_status(row.locator(".cookbook-status").get_attribute("class") or "") == status, AGAIN
            text = row.inner_text().replace("\xa0", " ")
            assert all(label in text for label in manifest.variant.values())
            if ran is None or ran.outcome == "not_run":
                continue
            servers = [f"{label} {version}" for label, version in ran.servers.items()]
            if status == "verified":
                servers += [f"Python {ran.python}"]
            if status == "verified" and manifest.workspace == "project":
                servers += [f"Django {ran.django}", *[" ".join(ran.connection.values())]]
            assert all(name in text for name in servers), f"{manifest.id}: {servers} in {text!r}"


def test_permalink_leads_to_its_step(visit: Visit, recipes: Recipes) -> None:
    for path in recipes:
        page = visit(path, width=390)
        link = page.locator(".cookbook-permalink:visible").last
        name = (link.get_attribute("href") or "").removeprefix("#")
        link.click()
        assert page.url.endswith(f"#{name}")
        step = page.locator(f"#{name}")
        expect(step).to_be_in_viewport()
        assert step.evaluate("step => step.matches(':target') && getComputedStyle(step).boxShadow") not in (
            False,
            "none",
        )
        # Not below the bar that stays at the top on a phone.
        header = page.locator("header.mobile-header").bounding_box() or {"y": 0, "height": 0}
        assert (step.bounding_box() or {"y": -1})["y"] >= header["y"] + header["height"]


def test_report_lists_every_block(visit: Visit, html: Path, inventory: Inventory) -> None:
    page = visit("reference/verification.html")
    rows = page.locator("table.cookbook-blocks tbody tr")
    assert rows.count() == len(inventory.blocks)
    assert page.locator("table.cookbook-runs tbody tr").count() == len(inventory.manifests)
    hrefs = rows.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert len(hrefs) == len(inventory.blocks)
    for href, block in zip(hrefs, inventory.blocks, strict=True):
        target, _, anchor = href.partition("#")
        assert posixpath.normpath(f"reference/{target}") == f"{block.docname}.html"
        assert anchor == (f"step-{block.step}" if block.step else "")
        assert not anchor or f'id="{anchor}"' in (html / "reference" / target).read_text()


def test_first_page_counts_what_the_evidence_holds(
    visit: Visit, repository: Repository, inventory: Inventory, evidence: dict[str, Evidence], digests: Digests
) -> None:
    text = visit("index.html").locator(".cookbook-count").inner_text()
    coverage = measure(judge_blocks(inventory, evidence, digests, read_records(repository), read_suite(repository)))
    assert text.startswith(f"{coverage.verified} of {coverage.rendered} blocks verified"), AGAIN
    for manifest in inventory.manifests:
        ran = evidence.get(manifest.id)
        if ran is not None and judge_manifest(manifest, ran, digests[manifest.id]) == "verified":
            assert " ".join(ran.connection.values()) in text
