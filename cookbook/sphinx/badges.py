"""Puts the evidence on the pages: a badge on each step and excerpt, a table of runs on each recipe.

The doctrees are read without evidence; it is added when they are resolved, so that new evidence rewrites a page
without reading it again.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from ..recipe.commands import CommandEvidence
from ..recipe.coverage import BlockStatus, digest_steps, judge_blocks, judge_excerpt, judge_manifest
from ..recipe.evidence import Evidence, Status, judge_step, read_evidence, worst
from ..recipe.examples import read_records
from ..recipe.excerpts import Suite, read_suite
from ..recipe.manifest import Inventory, Manifest
from .domain import Page, get_domain
from .repository import find_repository
from .tables import build_table

# Text and sign: a badge must not speak by its colour alone.
LABELS: dict[Status, str] = {
    "verified": "✓ verified",
    "failed": "✗ failed",
    "blocked": "✗ not reached",
    "stale": "↻ stale",
    "not_run": "○ not run here",
    "unverified": "○ unverified",
}

NO_BREAK = "\xa0"

# What a reader should know when a recipe is not green; that it never ran is said in the summary.
REMARKS: dict[Status, str] = {
    "failed": "Not all of it passed.",
    "blocked": "Not all of it passed.",
    "stale": "Something that it depends on has changed since.",
    "unverified": "Not all variants have run.",
}


@dataclass
class Ledger:
    """Everything that the badges of one build draw on; a pure function of the working tree and the evidence."""

    evidence: dict[str, Evidence] = field(default_factory=dict)
    digests: dict[str, dict[str, str]] = field(default_factory=dict)
    inventory: Inventory = field(default_factory=lambda: Inventory(manifests=(), blocks=()))
    commands: tuple[CommandEvidence, ...] = ()
    suite: Suite = field(default_factory=Suite)
    # The commands that run the project's whole test suite; a further variant may run a smaller set.
    suites: frozenset[str] = frozenset()

    def judge_step(self, manifest: Manifest, name: str) -> Status:
        """Return the status of a step in one variant."""
        return judge_step(name, self.digests[manifest.id].get(name, ""), self.evidence.get(manifest.id))

    def judge_manifest(self, manifest: Manifest) -> Status:
        """Return the status of a recipe in one variant."""
        return judge_manifest(manifest, self.evidence.get(manifest.id), self.digests[manifest.id])

    def judge_blocks(self) -> list[BlockStatus]:
        """Return the status of every block of the site."""
        return judge_blocks(self.inventory, self.evidence, self.digests, self.commands, self.suite)

    def fingerprint(self, page: Page) -> str:
        """Return a digest of all that the page's badges say: if it changes, the page is written again."""
        said: list[list[object]] = [
            [self.evidence.get(manifest.id), self.judge_manifest(manifest)]
            + [self.judge_step(manifest, step.name) for step in manifest.steps]
            for manifest in page.manifests
        ]
        said += [list(judge_excerpt(block.excerpt, self.suite)) for block in page.blocks if block.excerpt]
        return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


def read_ledger(env: BuildEnvironment) -> Ledger:
    """Read the evidence, and work out what it still speaks of."""
    repository = find_repository(env)
    pages = get_domain(env).pages
    manifests = tuple(manifest for name in sorted(pages) for manifest in pages[name].manifests)
    blocks = tuple(block for name in sorted(pages) for block in pages[name].blocks)
    return Ledger(
        evidence=read_evidence(repository.evidence),
        digests=digest_steps(repository, manifests),
        inventory=Inventory(manifests=manifests, blocks=blocks),
        commands=read_records(repository),
        suite=read_suite(repository),
        suites=frozenset(check.command for check in repository.checks),
    )


def get_ledger(app: Sphinx) -> Ledger:
    """Return the ledger of this build, read once."""
    ledger = getattr(app, "cookbook_ledger", None)
    if ledger is None:
        ledger = app.cookbook_ledger = read_ledger(app.env)  # type: ignore[attr-defined]
    return ledger


def find_changed(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return the pages whose badges must say something else than when they were last written."""
    if app.builder.format != "html":
        return []
    ledger = get_ledger(app)
    domain = get_domain(env)
    changed = []
    for docname, page in domain.pages.items():
        fingerprint = ledger.fingerprint(page)
        if shows_badges(page) and domain.shown.get(docname) != fingerprint:
            domain.shown[docname] = fingerprint
            changed.append(docname)
    return changed


def shows_badges(page: Page) -> bool:
    """Tell whether a page has badges: a recipe does, and every page with an excerpt."""
    return page.slug is not None or any(block.excerpt for block in page.blocks)


def fill_badges(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put badges and evidence into a page that is about to be written."""
    page = get_domain(app.env).pages.get(docname)
    if page is None or not shows_badges(page) or app.builder.format != "html":
        return
    ledger = get_ledger(app)
    for place in list(doctree.findall(nodes.inline)):
        if "cookbook_badge" in place:
            name = place["cookbook_badge"]
            judged = {
                manifest.id: ledger.judge_step(manifest, name)
                for manifest in page.manifests
                if any(step.name == name for step in manifest.steps)
            }
            place += build_badge(worst(list(judged.values())))
        elif "cookbook_excerpt" in place:
            place += build_badge(judge_excerpt(place["cookbook_excerpt"], ledger.suite)[0])
    for place in list(doctree.findall(nodes.container)):
        if "cookbook_recipe" in place:
            place += list(describe_runs(page, ledger))


def build_badge(status: Status) -> nodes.inline:
    """Return a badge."""
    return nodes.inline("", LABELS[status], classes=["cookbook-status", f"cookbook-{status}"])


def describe_runs(page: Page, ledger: Ledger) -> Iterator[nodes.Element]:
    """Describe how the recipe's variants ran: one row each, from the evidence alone."""
    statuses = [ledger.judge_manifest(manifest) for manifest in page.manifests]
    head = nodes.paragraph(classes=["cookbook-summary"])
    head += [build_badge(worst(statuses)), nodes.Text(" "), *summarise(page, ledger)]
    yield head
    titles = ["Variant", "Outcome", "Ran on", "Steps", "Project tests", "Seconds"]
    with_variants = any(manifest.variant for manifest in page.manifests)
    rows = []
    for manifest, status in zip(page.manifests, statuses, strict=True):
        row = [name_variant(manifest), build_badge(status), *describe_run(manifest, ledger)]
        rows.append(row if with_variants else row[1:])
    yield build_table(titles if with_variants else titles[1:], rows, classes=["cookbook-runs"], stacked=True)
    for manifest in page.manifests:
        evidence = ledger.evidence.get(manifest.id)
        if evidence is not None and evidence.substitutions:
            swaps = ", ".join(f"{shown} → {ran}" for shown, ran in evidence.substitutions.items())
            yield nodes.paragraph("", f"Run with these addresses instead of the page's: {swaps}.")
        if evidence is not None and evidence.environment:
            told = nodes.paragraph("", f"{name_variant(manifest)} ran here with ")
            for name, value in evidence.environment.items():
                told += [nodes.literal("", f"{name}={value}"), nodes.Text(" ")]
            told += nodes.Text("in the environment, which the page does not ask you for.")
            yield told


def name_variant(manifest: Manifest) -> str:
    """Return what a reader calls the variant: the tabs that are chosen."""
    return ", ".join(manifest.variant.values()) or "–"


def build_date(when: str) -> nodes.inline:
    """Return a date that is not broken across lines."""
    return nodes.inline("", when[:10], classes=["cookbook-date"])


def summarise(page: Page, ledger: Ledger) -> list[nodes.Node]:
    """Say in a sentence when the recipe last ran, and if need be why that is not enough."""
    found = [ledger.evidence[manifest.id] for manifest in page.manifests if manifest.id in ledger.evidence]
    ran = [evidence for evidence in found if evidence.outcome != "not_run"]
    if not ran:
        reasons = "; ".join(dict.fromkeys(evidence.reason or "" for evidence in found if evidence.reason))
        return [nodes.Text(f"Not run yet. {reasons}".strip())]
    dates = sorted(evidence.started[:10] for evidence in ran)
    total = len(page.manifests)
    who = f"{len(ran)} of {total} variants ran" if total > 1 else "The steps of this page ran"
    status = worst([ledger.judge_manifest(manifest) for manifest in page.manifests])
    sentence: list[nodes.Node] = [nodes.Text(f"{who} against a fresh copy of the reference project on ")]
    sentence.append(build_date(dates[0]))
    if dates[0] != dates[-1]:
        sentence += [nodes.Text(" to "), build_date(dates[-1])]
    sentence.append(nodes.Text(f". {REMARKS.get(status, '')}".rstrip()))
    return sentence


def name_servers(evidence: Evidence) -> list[str]:
    """Return what a run used, the project's own database first, each with the version that it reported."""
    servers = dict(evidence.servers)
    vendor, version = evidence.connection.get("vendor"), evidence.connection.get("version")
    if vendor is None:
        return [f"{label} {found}" for label, found in servers.items()]
    if servers.pop(vendor, version) != version:
        # The server said one thing and the project's connection another: a reader must see both.
        vendor, version = f"{vendor} {evidence.servers[vendor]}", f"(the connection said {version})"
    return [f"{vendor} {version}", *(f"{label} {found}" for label, found in servers.items())]


def describe_run(manifest: Manifest, ledger: Ledger) -> list[str]:
    """Return the cells of a run: what it ran on, its steps, the project's tests, its time."""
    evidence = ledger.evidence.get(manifest.id)
    if evidence is None:
        return ["–", str(len(manifest.steps)), "–", "–"]
    if evidence.outcome == "not_run":
        return [evidence.reason or "a server is missing", str(len(manifest.steps)), "–", "–"]
    ran_on = name_servers(evidence)
    ran_on += [f"{name} {found}" for name, found in (("Django", evidence.django), ("Python", evidence.python)) if found]
    tests = [check for check in evidence.checks if check.tests is not None]
    cell = "–"
    if tests and evidence.outcome == "passed":
        cell = f"all {tests[-1].tests}" if tests[-1].command in ledger.suites else f"{tests[-1].tests} (smoke)"
    passed = sum(step.outcome == "passed" for step in evidence.steps)
    # A name is not parted from its version, nor a number from what it counts.
    cells = [", ".join(part.replace(" ", NO_BREAK) for part in ran_on) or "–"]
    cells += [f"{passed} of {len(manifest.steps)}".replace(" ", NO_BREAK), cell.replace(" ", NO_BREAK)]
    return [*cells, f"{evidence.duration:.0f}"]


def setup(app: Sphinx) -> None:
    """Register the events."""
    app.connect("env-updated", find_changed)
    app.connect("doctree-resolved", fill_badges)
