"""Describes an HTTP API on a site: the directive ``http-api``, read off the schema that the project makes of itself.

What an operation looks like on the page is up to sphinxcontrib-openapi, and what an endpoint is for a reference to
sphinxcontrib-httpdomain.
"""

import json
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinxcontrib.openapi.renderers import HttpdomainRenderer

from .. import __version__
from ..sphinx.repository import find_repository
from .operations import choose_operations


class SchemaError(Exception):
    """The project made no schema; the message says why."""


@lru_cache
def read_schema(project: Path, settings: str) -> dict[str, Any]:
    """Return the project's OpenAPI schema.

    It is made by a process of its own: for autodoc's sake the models of this one are not as the project has them.

    :param project: the folder of ``manage.py``.
    :param settings: the settings' module.
    :raises SchemaError: if the project makes none.
    """
    command = [sys.executable, "manage.py", "spectacular", "--format", "openapi-json"]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": settings}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["nothing was printed"])[-1]
        raise SchemaError(f"`manage.py spectacular` failed in {project}: {last}. Run it there to see more.")
    return json.loads(done.stdout)


class HttpApiDirective(SphinxDirective):
    """``http-api``: the operations whose paths begin with the directive's argument. It works in reST pages."""

    has_content = False
    required_arguments = 1
    option_spec: ClassVar = {}

    def run(self) -> list[nodes.Node]:
        """Return a description of each operation."""
        prefix = self.arguments[0]
        project = find_repository(self.env).reference
        for path in project.rglob("*.py"):
            if not any(part.startswith(".") for part in path.relative_to(project).parts):
                self.env.note_dependency(str(path))
        try:
            schema = read_schema(project, self.config.django_settings)
        except SchemaError as error:
            raise self.error(str(error)) from error
        chosen = choose_operations(schema, prefix)
        if not chosen["paths"]:
            raise self.error(f"No path of the API begins with {prefix!r}. `manage.py spectacular` lists them.")
        return HttpdomainRenderer(self.state, {"uri": "file:///"}).render(chosen)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive, and the extensions that it stands on."""
    app.setup_extension("sphinxcontrib.httpdomain")
    app.setup_extension("sphinxcontrib.openapi")
    app.add_directive("http-api", HttpApiDirective)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
