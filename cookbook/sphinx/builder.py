"""The inventory builder: writes what the pages hold as manifests, blocks and problems."""

from collections.abc import Iterable, Set
from pathlib import Path

import msgspec
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders import Builder

from ..recipe.manifest import Inventory, write_inventory
from .domain import get_domain


class InventoryBuilder(Builder):
    """``sphinx-build -b inventory``: reads the pages, renders nothing."""

    name = "inventory"
    format = ""
    epilog = "The inventory is in %(outdir)s."
    allow_parallel = True

    def get_outdated_docs(self) -> Iterable[str]:
        """Return all pages: the inventory is always written as a whole, from what the environment remembers."""
        return sorted(self.env.found_docs)

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:
        """Return the page's name; nothing links to an inventory."""
        return docname

    def prepare_writing(self, docnames: Set[str]) -> None:
        """Nothing to prepare."""

    def write_documents(self, docnames: Set[str]) -> None:
        """Write no page."""

    def write_doc(self, docname: str, doctree: nodes.document) -> None:
        """Write no page."""

    def finish(self) -> None:
        """Write the inventory, and the problems of all pages."""
        pages = [page for _docname, page in sorted(get_domain(self.env).pages.items())]
        problems = [problem for page in pages for problem in page.problems]
        folder = Path(self.outdir)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "problems.json").write_bytes(msgspec.json.format(msgspec.json.encode(problems), indent=1))
        write_inventory(
            Inventory(
                manifests=tuple(manifest for page in pages if not page.problems for manifest in page.manifests),
                blocks=tuple(block for page in pages for block in page.blocks),
            ),
            folder,
        )


def setup(app: Sphinx) -> None:
    """Register the builder, and let sphinx-tabs build its tabs for it too."""
    app.add_builder(InventoryBuilder)
    app.connect("config-inited", _enable_tabs)


def _enable_tabs(_app: Sphinx, config: object) -> None:
    # sphinx-tabs decides while it reads, by the builder's name; the doctrees must be the same for both builders.
    config.sphinx_tabs_valid_builders = [*config.sphinx_tabs_valid_builders, "inventory"]  # type: ignore[attr-defined]
