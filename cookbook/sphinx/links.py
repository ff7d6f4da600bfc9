"""Resolves links of README and CONTRIBUTING: they name files, and lead to pages or to where the code is hosted."""

from pathlib import PurePosixPath
from typing import Any

from docutils import nodes
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode

from .repository import find_repository


def resolve_file(
    env: BuildEnvironment, fromdocname: str, builder: Any, target: str, contnode: nodes.Element
) -> nodes.reference | None:
    """Resolve a link to a file of the repository: to its page if it has one, else to where the code is hosted.

    :returns: None for anything else, so that a link that leads nowhere stays a warning.
    """
    path = PurePosixPath(target)
    repository = find_repository(env)
    if not target or path.is_absolute() or ".." in path.parts or not (repository.root / path).is_file():
        return None
    page = path.stem.lower()
    if path.parent == PurePosixPath() and page in env.found_docs:
        return make_refnode(builder, fromdocname, page, "", contnode)
    host = env.config.html_theme_options.get("source_repository")
    if not host:
        return None
    branch = env.config.html_theme_options.get("source_branch", "main")
    reference = nodes.reference("", "", internal=False, refuri=f"{host.rstrip('/')}/blob/{branch}/{target}")
    reference += contnode
    return reference
