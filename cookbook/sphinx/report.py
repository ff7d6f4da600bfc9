"""The verification report: every recipe, every block that the site shows, and what verified it; and its summary."""

import tomllib
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

from ..recipe.coverage import BlockStatus, measure
from ..recipe.evidence import worst
from .badges import Ledger, build_badge, build_date, describe_run, get_ledger, name_servers, name_variant
from .domain import Page, get_domain, step_id
from .repository import find_repository
from .tables import Cell, build_table


class ReportDirective(SphinxDirective):
    """``{verification-report}`` and ``{verification-summary}``: the place of the report, and of its short form."""

    has_content = False
    option_spec: ClassVar = {}

    def run(self) -> list[nodes.Node]:
        """Return the place; it is filled when the page is written."""
        self.env.metadata[self.env.docname]["cookbook_report"] = True
        part = self.name.removeprefix("verification-")
        return [nodes.container(classes=[f"cookbook-whole-{part}"], cookbook_report=part)]


def find_report_pages(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return the report's pages: they are written in every build, since they speak of all pages."""
    if app.builder.format != "html":
        return []
    return [docname for docname, metadata in env.metadata.items() if metadata.get("cookbook_report")]


def read_programs(path: Path) -> set[str]:
    """Return the labels of needs that are no servers: a summary does not name them."""
    needs = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return {need["label"] for need in needs.values() if need.get("kind") == "program"}


def write_code(text: str) -> list[nodes.Node]:
    """Return text as nodes; what stands in backquotes is code."""
    parts = enumerate(text.split("`"))
    return [nodes.literal("", part) if index % 2 else nodes.Text(part) for index, part in parts if part]


class Writer:
    """Writes the report into one page."""

    def __init__(self, app: Sphinx, docname: str) -> None:
        self.app = app
        self.docname = docname
        self.ledger: Ledger = get_ledger(app)
        pages = get_domain(app.env).pages
        self.pages: dict[str, Page] = {name: pages[name] for name in sorted(pages)}
        self.recipes = [page for page in self.pages.values() if page.slug]
        self.programs = read_programs(find_repository(app.env).conf / "services.toml")

    def link(self, docname: str, target: str, text: str) -> nodes.reference:
        """Return a link to a page or to a step on it."""
        return make_refnode(self.app.builder, self.docname, docname, target, nodes.Text(text))  # type: ignore[arg-type]

    def write_report(self) -> Iterator[nodes.Node]:
        """Return the whole report."""
        judged = self.ledger.judge_blocks()
        coverage = measure(judged)
        yield nodes.paragraph(
            "",
            f"{coverage.verified} of the {coverage.rendered} blocks that this site shows are verified, "
            f"{len(coverage.samples)} are samples, {len(coverage.unverified)} are unverified.",
        )
        yield nodes.rubric("", "Recipes", **{"heading-level": 2})
        titles = ["Recipe", "Outcome", "Ran on", "Steps", "Project tests", "Seconds"]
        yield build_table(titles, list(self.write_runs()), classes=["cookbook-runs"], stacked=True)
        yield nodes.paragraph(
            "",
            "The version of a database is the one that the project’s own connection reported. After its steps, a "
            "recipe’s first variant passes all the project’s tests, each further variant the smaller smoke set. Where "
            "a step has run all of them, and no file, variable or package has changed since, that run counts.",
        )
        yield nodes.rubric("", "Blocks", **{"heading-level": 2})
        for docname, blocks in groupby(judged, key=lambda one: one.block.docname):
            heading = nodes.rubric("", "", **{"heading-level": 3})
            heading += self.link(docname, "", self.pages[docname].title)
            yield heading
            yield nodes.paragraph("", self.pages[docname].path, classes=["cookbook-where"])
            rows = [self.write_block(one) for one in blocks]
            titles = ["Block", "Status", "Verified by"]
            yield build_table(titles, rows, classes=["cookbook-blocks"], widths=[11, 4, 5], stacked=True)

    def write_runs(self) -> Iterator[list[Cell]]:
        """Return a row for each recipe and variant."""
        for page in self.recipes:
            for manifest in page.manifests:
                status = build_badge(self.ledger.judge_manifest(manifest))
                cells = describe_run(manifest, self.ledger)
                variant = nodes.Text(f" {name_variant(manifest)}" if manifest.variant else "")
                yield [[self.link(page.docname, "", page.title), variant], status, *cells]

    def write_block(self, judged: BlockStatus) -> list[Cell]:
        """Return the row of a block: its name and line, how it starts, its status, what verified it."""
        block = judged.block
        first = next((line.strip() for line in block.text.splitlines() if line.strip()), "")
        if block.excerpt:
            first = block.excerpt.path
        name = self.link(block.docname, step_id(block.step) if block.step else "", block.step or block.kind)
        status: nodes.Node = build_badge(judged.status)
        if block.kind == "sample":
            status = nodes.inline("", "sample", classes=["cookbook-status", "cookbook-not_run"])
        where = nodes.inline("", f"line {block.line}", classes=["cookbook-where"])
        start = nodes.literal("", first, classes=["cookbook-start"])
        return [[name, nodes.Text(" "), where, nodes.Text(" "), start], status, self.name_verifiers(judged)]

    def name_verifiers(self, judged: BlockStatus) -> Cell:
        """Return what verified a block: variants of its own recipe by their tabs, tests by id or command."""
        if not judged.by:
            return write_code(judged.reason)
        page = self.pages[judged.block.docname]
        if judged.block.step is None:
            return nodes.literal("", ", ".join(judged.by), classes=["cookbook-tests"])
        names = [name_variant(manifest) for manifest in page.manifests if manifest.id in judged.by]
        text = ", ".join(names) if any(manifest.variant for manifest in page.manifests) else "the recipe's run"
        return f"{text}; {judged.reason}" if judged.reason else text

    def write_summary(self) -> Iterator[nodes.Node]:
        """Return what the evidence comes to in a few lines, and each recipe with its outcome."""
        coverage = measure(self.ledger.judge_blocks())
        manifests = [manifest for page in self.recipes for manifest in page.manifests]
        fresh = [one for one in manifests if self.ledger.judge_manifest(one) == "verified"]
        found = [self.ledger.evidence[manifest.id] for manifest in fresh]
        line = nodes.paragraph(classes=["cookbook-count"])
        line += nodes.strong("", f"{coverage.verified} of {coverage.rendered} blocks verified")
        if found:
            names = {name for evidence in found for name in name_servers(evidence)}
            servers = sorted(name for name in names if name.rpartition(" ")[0] not in self.programs)
            projects = [evidence for evidence in found if evidence.django]
            python = sorted({f"Django {evidence.django} and Python {evidence.python}" for evidence in projects})
            line += nodes.Text(f" on {', '.join(servers)}, with {', '.join(python)}.")
            line += nodes.Text(f" {len(fresh)} of {len(manifests)} runs passed, the last on ")
            line += [build_date(max(evidence.started for evidence in found)), nodes.Text(".")]
        else:
            line += nodes.Text(": no recipe has a fresh run that passed.")
        yield line
        for caption, pages in self.group_recipes().items():
            if caption:
                yield nodes.rubric("", caption, **{"heading-level": 2})
            recipes = nodes.bullet_list(classes=["cookbook-recipes"])
            for page in pages:
                item = nodes.paragraph("", "", self.link(page.docname, "", page.title), nodes.Text(" "))
                item += build_badge(worst([self.ledger.judge_manifest(manifest) for manifest in page.manifests]))
                recipes += nodes.list_item("", item, nodes.paragraph("", self.find_outcome(page)))
            yield recipes

    def group_recipes(self) -> dict[str, list[Page]]:
        """Return the recipes under the captions of the site's own contents, in its order; the rest without one."""
        env = self.app.env
        groups: dict[str, list[Page]] = {}
        rest = {page.docname: page for page in self.recipes}
        for toctree in env.get_doctree(env.config.root_doc).findall(addnodes.toctree):
            listed = [rest.pop(docname) for docname in toctree["includefiles"] if docname in rest]
            if listed:
                groups.setdefault(toctree.get("caption") or "", []).extend(listed)
        if rest:
            groups.setdefault("", []).extend(rest.values())
        return groups

    def find_outcome(self, page: Page) -> str:
        """Return the first sentence of a recipe: by the page template it says what is there at the end."""
        top = self.app.env.get_doctree(page.docname).next_node(nodes.section)
        first = next((child for child in top.children if isinstance(child, nodes.paragraph)), None) if top else None
        return first.astext() if first is not None else ""


def fill_report(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write the report, or its summary, into its page."""
    places = [node for node in doctree.findall(nodes.container) if "cookbook_report" in node]
    if not places or app.builder.format != "html":
        return
    writer = Writer(app, docname)
    parts: dict[str, Callable[[], Iterator[nodes.Node]]] = {
        "report": writer.write_report,
        "summary": writer.write_summary,
    }
    for place in places:
        place += list(parts[place["cookbook_report"]]())


def setup(app: Sphinx) -> None:
    """Register the directives and their events."""
    app.add_directive("verification-report", ReportDirective)
    app.add_directive("verification-summary", ReportDirective)
    app.connect("env-updated", find_report_pages)
    app.connect("doctree-resolved", fill_report)
