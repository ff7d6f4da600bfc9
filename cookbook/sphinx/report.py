"""The verification report: a page that lists every block of the site with what verified it."""

from typing import ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

from ..recipe.coverage import BlockStatus, measure
from .badges import build_badge, describe_run, get_ledger
from .domain import get_domain, step_id
from .tables import build_table


class ReportDirective(SphinxDirective):
    """``{verification-report}``: the place of the report."""

    has_content = False
    option_spec: ClassVar = {}

    def run(self) -> list[nodes.Node]:
        """Return the place; it is filled when the page is written."""
        self.env.metadata[self.env.docname]["cookbook_report"] = True
        return [nodes.container(classes=["cookbook-report"], cookbook_report=True)]


def find_report_pages(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return the report's pages: they are written in every build, since they speak of all pages."""
    if app.builder.format != "html":
        return []
    return [docname for docname, metadata in env.metadata.items() if metadata.get("cookbook_report")]


def _link(app: Sphinx, fromdocname: str, docname: str, target: str, text: str) -> nodes.reference:
    return make_refnode(app.builder, fromdocname, docname, target, nodes.Text(text))  # type: ignore[arg-type]


def _block_row(app: Sphinx, docname: str, judged: BlockStatus) -> list[str | nodes.Node]:
    block = judged.block
    target = step_id(block.step) if block.step else ""
    name = block.step or next((line.strip() for line in block.text.splitlines() if line.strip()), "")
    status: nodes.Node = build_badge(judged.status)
    if block.kind == "sample":
        status = nodes.inline("", "sample", classes=["cookbook-status", "cookbook-not_run"])
    by = ", ".join(judged.by) if judged.by else judged.reason
    return [_link(app, docname, block.docname, target, f"{block.page}:{block.line}"), name[:60], status, by]


def fill_report(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write the report into its page."""
    places = [node for node in doctree.findall(nodes.container) if "cookbook_report" in node]
    if not places or app.builder.format != "html":
        return
    ledger = get_ledger(app)
    judged = ledger.judge_blocks()
    coverage = measure(judged)
    pages = get_domain(app.env).pages
    runs = []
    for page in (pages[name] for name in sorted(pages) if pages[name].slug):
        for manifest in page.manifests:
            variant = ", ".join(manifest.variant.values()) or "–"
            cells = describe_run(manifest, ledger.evidence.get(manifest.id))
            status = build_badge(ledger.judge_manifest(manifest))
            runs.append([_link(app, docname, page.docname, "", page.title), variant, status, *cells])
    total = (
        f"{coverage.verified} of the {coverage.rendered} blocks that this site shows are verified, "
        f"{coverage.samples} are samples, {len(coverage.unverified)} are unverified."
    )
    for place in places:
        place += nodes.paragraph("", total)
        place += nodes.rubric("", "Recipes")
        titles = ["Recipe", "Variant", "Outcome", "Ran on", "Steps", "Project tests", "Seconds"]
        place += build_table(titles, runs, classes=["cookbook-runs"])
        place += nodes.rubric("", "Blocks")
        rows = [_block_row(app, docname, one) for one in judged]
        place += build_table(
            ["Block", "Step or first line", "Status", "Verified by"], rows, classes=["cookbook-blocks"]
        )


def setup(app: Sphinx) -> None:
    """Register the directive and its events."""
    app.add_directive("verification-report", ReportDirective)
    app.connect("env-updated", find_report_pages)
    app.connect("doctree-resolved", fill_report)
