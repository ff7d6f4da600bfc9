"""The domain: what the engine knows of each page, and the role that links to a step."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.domains import Domain
from sphinx.environment import BuildEnvironment
from sphinx.roles import XRefRole
from sphinx.util.nodes import make_refnode

from ..recipe.manifest import Block, Manifest, Step
from ..recipe.problem import Problem
from .links import resolve_file


@dataclass
class Page:
    """One page of the site as the engine sees it.

    :param slug: the recipe's slug, or None if the page is no recipe.
    :param steps: all its steps, of all tabs, in page order.
    :param manifests: one a variant.
    :param blocks: every literal block that the page renders.
    :param problems: what is wrong with it.
    """

    docname: str
    path: str
    title: str = ""
    slug: str | None = None
    steps: list[Step] = field(default_factory=list)
    manifests: list[Manifest] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def step_id(name: str) -> str:
    """Return the link target of a step on its page."""
    return f"step-{name}"


class StepRole(XRefRole):
    """``{step}`recipe/step-name``` links to a step; the text may be given as for every cross-reference."""

    def process_link(
        self, env: BuildEnvironment, refnode: nodes.Element, has_explicit_title: bool, title: str, target: str
    ) -> tuple[str, str]:
        """Show only the step's name where no text is given."""
        return title if has_explicit_title else target.rpartition("/")[2], target


class CookbookDomain(Domain):
    """Holds a :class:`Page` for every document, kept with the environment between builds."""

    name = "cookbook"
    label = "Cookbook"
    roles: ClassVar = {"step": StepRole()}
    initial_data: ClassVar[dict[str, Any]] = {"pages": {}, "shown": {}}
    data_version = 2

    @property
    def pages(self) -> dict[str, Page]:
        """The pages by document name."""
        return self.data["pages"]

    @property
    def shown(self) -> dict[str, str]:
        """For each document, a fingerprint of the evidence that its badges show."""
        return self.data["shown"]

    def clear_doc(self, docname: str) -> None:
        """Forget a page that is read again or gone."""
        self.pages.pop(docname, None)
        self.shown.pop(docname, None)

    def merge_domaindata(self, docnames: Iterable[str], otherdata: dict[str, Any]) -> None:
        """Take over what a parallel reader found."""
        for docname in docnames:
            if docname in otherdata["pages"]:
                self.pages[docname] = otherdata["pages"][docname]

    def recipe(self, slug: str) -> Page | None:
        """Return the page of a recipe."""
        return next((page for page in self.pages.values() if page.slug == slug), None)

    def resolve_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Any,
        typ: str,
        target: str,
        node: Any,
        contnode: nodes.Element,
    ) -> nodes.reference | None:
        """Resolve ``slug/step-name``; an unknown step is Sphinx's own warning about a missing reference."""
        slug, _, name = target.rpartition("/")
        page = self.recipe(slug) if slug else self.pages.get(fromdocname)
        if page is None or not any(step.name == name for step in page.steps):
            return None
        return make_refnode(builder, fromdocname, page.docname, step_id(name), contnode)

    def resolve_any_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Any,
        target: str,
        node: Any,
        contnode: nodes.Element,
    ) -> list[tuple[str, nodes.reference]]:
        """Resolve Markdown links to files; step names are too short and common to be guessed at."""
        found = resolve_file(env, fromdocname, builder, target, contnode) if node.get("reftype") == "myst" else None
        return [("cookbook:file", found)] if found is not None else []


def get_domain(env: BuildEnvironment) -> CookbookDomain:
    """Return the domain of an environment."""
    return env.get_domain("cookbook")  # type: ignore[return-value]


def setup(app: Sphinx) -> None:
    """Register the domain, and its role under its short name."""
    app.add_domain(CookbookDomain)
    role = StepRole()
    app.add_role("step", _short(role))


def _short(role: StepRole) -> Any:
    def step_role(name: str, *arguments: Any, **options: Any) -> Any:
        return role("cookbook:step", *arguments, **options)

    return step_role
