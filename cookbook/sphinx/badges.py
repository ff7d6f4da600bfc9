"""Puts the evidence on the pages: a badge on each step, a table of runs on each recipe.

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

from ..recipe.commands import CommandEvidence, read_commands
from ..recipe.coverage import BlockStatus, digest_steps, judge_blocks, judge_manifest
from ..recipe.evidence import Evidence, Status, judge_step, read_evidence, worst
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


@dataclass
class Ledger:
    """Everything that the badges of one build draw on; a pure function of the working tree and the evidence."""

    evidence: dict[str, Evidence] = field(default_factory=dict)
    digests: dict[str, dict[str, str]] = field(default_factory=dict)
    inventory: Inventory = field(default_factory=lambda: Inventory(manifests=(), blocks=()))
    commands: tuple[CommandEvidence, ...] = ()

    def judge_step(self, manifest: Manifest, name: str) -> Status:
        """Return the status of a step in one variant."""
        return judge_step(name, self.digests[manifest.id].get(name, ""), self.evidence.get(manifest.id))

    def judge_manifest(self, manifest: Manifest) -> Status:
        """Return the status of a recipe in one variant."""
        return judge_manifest(manifest, self.evidence.get(manifest.id), self.digests[manifest.id])

    def judge_blocks(self) -> list[BlockStatus]:
        """Return the status of every block of the site."""
        return judge_blocks(self.inventory, self.evidence, self.digests, self.commands)

    def fingerprint(self, page: Page) -> str:
        """Return a digest of all that the page's badges say: if it changes, the page is written again."""
        said = [
            [self.evidence.get(manifest.id), self.judge_manifest(manifest)]
            + [self.judge_step(manifest, step.name) for step in manifest.steps]
            for manifest in page.manifests
        ]
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
        commands=read_commands(repository.evidence),
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
        if page.slug and domain.shown.get(docname) != fingerprint:
            domain.shown[docname] = fingerprint
            changed.append(docname)
    return changed


def fill_badges(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put badges and evidence into a page that is about to be written."""
    page = get_domain(app.env).pages.get(docname)
    if page is None or page.slug is None or app.builder.format != "html":
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
    head += build_badge(worst(statuses))
    head += nodes.Text(" " + summarise(page, ledger))
    yield head
    titles = ["Variant", "Outcome", "Ran on", "Steps", "Project tests", "Seconds"]
    with_variants = any(manifest.variant for manifest in page.manifests)
    rows = []
    for manifest, status in zip(page.manifests, statuses, strict=True):
        evidence = ledger.evidence.get(manifest.id)
        name = ", ".join(manifest.variant.values()) or "the recipe"
        row = [name, build_badge(status), *describe_run(manifest, evidence)]
        rows.append(row if with_variants else row[1:])
    yield build_table(titles if with_variants else titles[1:], rows, classes=["cookbook-runs"])
    for manifest in page.manifests:
        evidence = ledger.evidence.get(manifest.id)
        if evidence is not None and evidence.substitutions:
            swaps = ", ".join(f"{shown} → {ran}" for shown, ran in evidence.substitutions.items())
            yield nodes.paragraph("", f"Run with these addresses instead of the page's: {swaps}.")


def summarise(page: Page, ledger: Ledger) -> str:
    """Say in a sentence when the recipe last ran."""
    found = [ledger.evidence[manifest.id] for manifest in page.manifests if manifest.id in ledger.evidence]
    ran = [evidence for evidence in found if evidence.outcome != "not_run"]
    if not ran:
        reasons = "; ".join(dict.fromkeys(evidence.reason or "" for evidence in found if evidence.reason))
        return f"Not run yet. {reasons}".strip()
    dates = sorted(evidence.started[:10] for evidence in ran)
    when = dates[0] if dates[0] == dates[-1] else f"{dates[0]} to {dates[-1]}"
    count = f"{len(ran)} of {len(page.manifests)} variants" if len(page.manifests) > 1 else "Every block on this page"
    verb = "run" if len(page.manifests) > 1 else "was run"
    return f"{count} {verb} against a fresh copy of the reference project on {when}."


def describe_run(manifest: Manifest, evidence: Evidence | None) -> list[str]:
    """Return the cells of a run: what it ran on, its steps, the project's tests, its time."""
    if evidence is None:
        return ["–", str(len(manifest.steps)), "–", "–"]
    if evidence.outcome == "not_run":
        return [evidence.reason or "a server is missing", str(len(manifest.steps)), "–", "–"]
    ran_on = [f"Python {evidence.python}", f"Django {evidence.django}"] if evidence.python else []
    ran_on += [f"{label} {version}" for label, version in evidence.servers.items()]
    if evidence.connection:
        ran_on.append(f"the project connected to {evidence.connection['vendor']} {evidence.connection['version']}")
    tests = [check.tests for check in evidence.checks if check.tests is not None]
    passed = sum(step.outcome == "passed" for step in evidence.steps)
    return [
        ", ".join(ran_on),
        f"{passed} of {len(manifest.steps)} passed",
        f"{tests[-1]} passed" if tests and evidence.outcome == "passed" else "–",
        f"{evidence.duration:.0f}",
    ]


def setup(app: Sphinx) -> None:
    """Register the events."""
    app.connect("env-updated", find_changed)
    app.connect("doctree-resolved", fill_badges)
