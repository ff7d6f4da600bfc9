"""Analyses a page once it is read: its steps, tabs, variants and blocks, and everything that is wrong with it.

It looks at the doctree, never at the text: what Sphinx renders is what counts.
"""

import base64
import binascii
import re
from pathlib import Path, PurePosixPath

from docutils import nodes
from sphinx.application import Sphinx
from sphinx_tabs.tabs import SphinxTabsPanel

from ..recipe.console import PROMPT
from ..recipe.manifest import Block, BlockKind, Manifest, Step
from ..recipe.problem import Problem
from ..recipe.repository import Repository
from ..recipe.variant import Variant, combine
from .domain import Page, get_domain
from .lines import Source
from .python import attach_output
from .repository import find_repository
from .rules import check_recipe

SHELLS = {"console", "shell-session", "sh", "bash", "shell"}


class PageReader:
    """Reads one doctree into a :class:`Page`."""

    def __init__(self, document: nodes.document, docname: str, path: Path, repository: Repository) -> None:
        try:
            shown = str(PurePosixPath(path.relative_to(repository.root)))
        except ValueError:
            shown = str(path)
        self.document = document
        self.repository = repository
        self.source = Source(path)
        self.page = Page(docname=docname, path=shown)

    def problem(self, line: int, found: str, instead: str) -> None:
        """Note a mistake."""
        self.page.problems.append(Problem(self.page.path, line, found, instead))

    def read(self) -> Page:
        """Return the page."""
        title = next(self.document.findall(nodes.title), None)
        self.page.title = title.astext() if title is not None else self.page.docname
        for marker in self.document.findall(nodes.comment):
            if "cookbook_problem" in marker:
                found, instead, name = marker["cookbook_problem"]
                self.problem(self.source.find_step(name, marker.line), found, instead)
        self.attach_outputs()
        recipes = [node for node in self.document.findall(nodes.container) if "cookbook_recipe" in node]
        steps = [node for node in self.document.findall(nodes.container) if "cookbook_step" in node]
        if recipes:
            self.read_recipe(recipes, steps)
        for node in steps if not recipes else ():
            self.problem(
                self.source.find_step(node["cookbook_step"]["name"], node.line),
                "A step stands on a page that is no recipe.",
                "Put a `{recipe}` directive below the page's title.",
            )
        self.read_blocks()
        return self.page

    def attach_outputs(self) -> None:
        """Give each ``testoutput`` to the ``testcode`` right above it."""
        for block in list(self.document.findall(nodes.literal_block)):
            if block.get("testnodetype") != "testoutput":
                continue
            siblings = block.parent.children
            above = siblings[siblings.index(block) - 1] if siblings.index(block) else None
            if isinstance(above, nodes.literal_block) and above.get("testnodetype") == "testcode":
                continue  # an example of a docstring: it is run where it is written
            content = above.get("cookbook_step") if isinstance(above, nodes.Element) else None
            if content is None or content["kind"] != "python" or content["examples"][0].expected is not None:
                self.problem(
                    self.source.find_text(block.astext(), block.line),
                    "A `testoutput` has no `testcode` step right above it.",
                    "Put it directly below the code that prints it.",
                )
            else:
                attach_output(above, block)

    def read_recipe(self, recipes: list[nodes.container], nodes_of_steps: list[nodes.container]) -> None:
        """Read the steps and plan the variants."""
        for extra in recipes[1:]:
            self.problem(extra.line, "The page has a second `{recipe}` directive.", "A page is one recipe: keep one.")
        options = recipes[0]["cookbook_recipe"]
        self.page.slug = PurePosixPath(self.page.docname).name
        families = self.read_families()
        for node in nodes_of_steps:
            content = dict(node["cookbook_step"])
            line = self.source.find_step(content["name"], node.line)
            self.page.steps.append(
                Step(
                    page=self.page.path,
                    line=line,
                    tabs=self.tabs_of(node),
                    section=find_section(node),
                    **content,  # type: ignore[arg-type]
                )
            )
        variants = combine(families)
        for variant in variants:
            steps = tuple(step for step in self.page.steps if is_shown(step.tabs, variant))
            known = list(self.repository.families.needs_of(variant))
            self.page.manifests.append(
                Manifest(
                    slug=self.page.slug,
                    title=self.page.title,
                    page=self.page.path,
                    variant=variant,
                    needs=tuple(dict.fromkeys([*options["needs"], *known])),
                    steps=steps,
                    workspace=options["workspace"],
                    first=variant == variants[0],
                    excludes=tuple(options["excludes"]),
                    environment=self.repository.families.environment_of(variant),
                )
            )
        self.page.problems.extend(check_recipe(self.page, recipes[0].line, self.repository))

    def read_families(self) -> dict[str, list[str]]:
        """Return the tab families of the page with the labels shown, and note tabs that cannot be variants."""
        families: dict[str, list[str]] = {}
        line = 0
        for tabs in self.document.findall(nodes.container):
            if "sphinx-tabs" not in tabs["classes"]:
                continue
            panels = [panel for panel in tabs.children if isinstance(panel, SphinxTabsPanel)]
            labels = [read_label(panel) for panel in panels]
            line = self.source.find_tabs(labels, after=line)
            known = {label: self.repository.families.family_of(label) for label in labels}
            unknown = [label for label, family in known.items() if family is None]
            if unknown:
                every = "; ".join(f"{name}: {', '.join(has)}" for name, has in self.repository.families.needs.items())
                self.problem(
                    line,
                    f"No tab family has the label {unknown[0]!r}.",
                    f"Use `group-tab` with a label of conf/tabs.toml ({every}), or add one there.",
                )
                continue
            (family, *others) = dict.fromkeys(known.values())
            if others:
                self.problem(line, f"The tabs mix the families {family} and {others[0]}.", "Show one family a tab set.")
            elif families.setdefault(str(family), labels) != labels:
                self.problem(
                    line,
                    f"These tabs show {', '.join(labels)}; the page's other {family} tabs show "
                    f"{', '.join(families[str(family)])}.",
                    f"Show the same {family} tabs in the same order everywhere on the page.",
                )
            elif len(labels) < 2:
                self.problem(line, f"The only {family} tab is {labels[0]}.", "Show a second choice, or drop the tabs.")
        return families

    def tabs_of(self, node: nodes.Node) -> Variant:
        """Return the tabs that a node stands in."""
        tabs: Variant = {}
        while node.parent is not None:
            node = node.parent
            if isinstance(node, SphinxTabsPanel):
                label = read_label(node)
                tabs[self.repository.families.family_of(label) or label] = label
        return tabs

    def read_blocks(self) -> None:
        """List every literal block that the page renders, and every command in its prose."""
        found: list[nodes.Element] = [
            node
            for node in self.document.findall(nodes.Element)
            if isinstance(node, nodes.literal_block | nodes.doctest_block)
            or (isinstance(node, nodes.literal) and node.astext().startswith(PROMPT))
        ]
        for index, node in enumerate(found):
            kind, step = self.classify(node)
            line = self.source.find_block(node.astext(), node.line, step=step, excerpt=kind == "excerpt")
            self.page.blocks.append(
                Block(
                    docname=self.page.docname,
                    page=self.page.path,
                    line=line,
                    index=index,
                    text=node.astext(),
                    language=node.get("language", "pycon" if isinstance(node, nodes.doctest_block) else "none"),
                    kind=kind,
                    step=step,
                    slug=self.page.slug if step else None,
                    reason=node.get("cookbook_reason"),
                    excerpt=node.get("cookbook_excerpt"),
                )
            )

    def classify(self, node: nodes.Element) -> tuple[BlockKind, str | None]:
        """Return what kind of block a node is, and its step."""
        if "cookbook_reason" in node:
            return "sample", None
        if "cookbook_excerpt" in node:
            return "excerpt", None
        parent: nodes.Node | None = node
        while parent is not None:
            if isinstance(parent, nodes.container) and "cookbook_step" in parent:
                return "step", parent["cookbook_step"]["name"]
            parent = parent.parent
        if "testnodetype" in node:
            return "example", None
        if isinstance(node, nodes.literal) or node.get("language") in SHELLS:
            return "command", None
        return "other", None


def read_label(panel: SphinxTabsPanel) -> str:
    """Return the label of a tab; sphinx-tabs keeps it base64-encoded in the panel's name."""
    try:
        return base64.b64decode(panel["name"], validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return re.sub(r"^\d+-", "tab ", panel["name"])


def find_section(node: nodes.Node) -> str:
    """Return the title of the section right below the page's title that a node stands in; empty if in none."""
    sections = []
    parent: nodes.Node | None = node
    while parent is not None:
        if isinstance(parent, nodes.section):
            sections.append(parent)
        parent = parent.parent
    if len(sections) < 2:
        return ""
    title = sections[-2].next_node(nodes.title)
    return title.astext() if title is not None else ""


def is_shown(tabs: Variant, variant: Variant) -> bool:
    """Tell whether a block inside these tabs is seen by a reader who made the variant's choices."""
    return all(variant.get(family) == label for family, label in tabs.items())


def read_page(app: Sphinx, document: nodes.document) -> None:
    """Analyse a page that Sphinx has just read, and remember it."""
    env = app.env
    docname = env.docname if hasattr(env, "docname") else env.current_document.docname
    reader = PageReader(document, docname, Path(env.doc2path(docname)), find_repository(env))
    get_domain(env).pages[docname] = reader.read()


def setup(app: Sphinx) -> None:
    """Register the analysis."""
    app.connect("doctree-read", read_page, priority=900)
