"""Draws Django models for a site: the directive ``model-diagram``.

It imports the models that a page names, so the site's configuration must have set Django up; nothing else of the
engine needs Django.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from .. import __version__
from .drawing import draw
from .entities import describe_model, read_model


class ModelDiagramDirective(SphinxDirective):
    """``model-diagram``: models and how they belong together, as a picture that is drawn from the models.

    Each line of its content is a column, from left to right; it names the column's models by their dotted paths.
    """

    has_content = True
    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {"alt": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Return the picture; its caption is the directive's argument."""
        columns = [line.split() for line in self.content if line.strip()]
        if not columns:
            raise self.error("The diagram shows no model. Name some, a column a line: apps.core.models.Task")
        try:
            models = [[read_model(name) for name in column] for column in columns]
        except (ImportError, AttributeError, TypeError, ValueError) as error:
            raise self.error(f"A model of the diagram was not found: {error}") from error
        shown = [model for column in models for model in column]
        entities = [[describe_model(model, shown) for model in column] for column in models]
        caption = self.arguments[0]
        picture = nodes.raw("", draw(entities, self.options.get("alt", caption)), format="html")
        figure = nodes.figure("", classes=["model-diagram"])
        figure += picture
        figure += nodes.caption("", caption)
        return [figure, *list_relations(entities)]


def list_relations(columns: list[list[Any]]) -> Iterator[nodes.Node]:
    """Say in words what the picture shows, for those who do not see it."""
    items = []
    for entity in (one for column in columns for one in column):
        parts = [f"{parent} is its base" for parent in entity.parents]
        parts += [f"{field.name} points at {field.target}" for field in entity.fields if field.target]
        if parts:
            items.append(nodes.list_item("", nodes.paragraph("", f"{entity.name}: {'; '.join(parts)}.")))
    if items:
        yield nodes.container("", nodes.bullet_list("", *items), classes=["visually-hidden"])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("model-diagram", ModelDiagramDirective)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
