"""Renders recipes with Sphinx: directives, the inventory builder, badges. Never executes a step."""

import hashlib
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from .. import __version__
from . import badges, builder, changes, directives, domain, excerpts, gate, pages, python, report


def _add_static_path(app: Sphinx) -> None:
    app.config.html_static_path.append(str(Path(__file__).parent / "static"))


def _digest_engine() -> str:
    package = Path(__file__).parents[1]
    total = hashlib.sha256()
    for path in sorted([*package.glob("recipe/*.py"), *package.glob("sphinx/*.py")]):
        total.update(path.read_bytes())
    return total.hexdigest()


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension.

    :returns: its metadata for Sphinx.
    """
    # Pages are read again when the code that reads them has changed.
    app.add_config_value("cookbook_engine", _digest_engine(), "env", [str])
    app.add_config_value("cookbook_repository", "", "env", [str])
    # Set where a page without fresh, green evidence must fail the build: in CI.
    app.add_config_value("cookbook_require_evidence", False, "", [bool])
    app.setup_extension("sphinx_tabs.tabs")
    app.setup_extension("sphinx.ext.doctest")
    for part in (domain, directives, excerpts, changes, python, pages, builder, badges, report, gate):
        part.setup(app)
    app.connect("builder-inited", _add_static_path)
    app.add_css_file("cookbook.css")
    app.add_css_file("evidence.css")
    app.add_js_file("cookbook.js", loading_method="defer")
    return {"version": __version__, "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
