"""The page of the command: every subcommand with its options, read from the command itself when the site is built.

A Sphinx extension of its own, so that the rendering part of the engine needs nothing of its commands.
"""

import re
from typing import Any, ClassVar

import typer
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from .. import __version__
from ..sphinx.tables import build_table


def inline(text: str) -> list[nodes.Node]:
    """Return help text as nodes; what stands in backquotes is code."""
    parts = re.split(r"`([^`]+)`", text.replace("``", "`"))
    return [
        nodes.literal(part, part) if index % 2 else nodes.Text(part.replace("**", ""))
        for index, part in enumerate(parts)
        if part
    ]


def name_parameter(parameter: Any) -> list[nodes.Node]:
    """Return how a parameter is typed."""
    if parameter.param_type_name == "argument":
        name = parameter.metavar or (parameter.name or "").upper()
        return [nodes.literal(name, name)]
    shown: list[nodes.Node] = []
    for name in parameter.opts:
        metavar = "" if getattr(parameter, "is_flag", False) else f" {parameter.metavar or 'VALUE'}"
        shown += [nodes.Text(", ")] if shown else []
        shown.append(nodes.literal(name + metavar, name + metavar))
    return shown


def describe_parameter(parameter: Any) -> list[nodes.Node]:
    """Return what a parameter does, and its default."""
    described = inline(getattr(parameter, "help", None) or "")
    default = parameter.default
    if default not in (None, False, True, ()) and not callable(default) and isinstance(default, int | float | str):
        described.append(nodes.Text(f" Default: {default}."))
    return described or [nodes.Text("–")]


def describe_command(name: str, command: Any) -> nodes.section:
    """Return a command as a section: its help, then its arguments and options."""
    section = nodes.section(ids=[f"cookbook-{name}"], names=[f"cookbook {name}"])
    section += nodes.title("", f"cookbook {name}")
    for part in (command.help or "").split("\n\n"):
        paragraph = nodes.paragraph()
        paragraph += inline(" ".join(part.split()))
        section += paragraph
    rows = [[name_parameter(parameter), describe_parameter(parameter)] for parameter in command.params]
    if rows:
        section += build_table(["Argument or option", "Meaning"], rows)
    return section


class ReferenceDirective(SphinxDirective):
    """``{command-reference}``: all commands."""

    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        """Return a section for each command."""
        from . import app  # the commands register this module's siblings; the cycle is closed at run time only

        commands: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
        return [describe_command(name, command) for name, command in commands.items() if not command.hidden]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("command-reference", ReferenceDirective)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
