"""Prints every variable of the environment that the project reads."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.core.variables import describe_variables


class Command(BaseCommand):
    """The ``settings_table`` command."""

    help = "Print the variables that the settings read, as the code and .env.example have them."
    # It only reads; a database or a setting that is wrong is no reason not to answer.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options.

        :param parser: the parser of the command line.
        """
        parser.add_argument("--format", choices=["markdown", "json"], default="markdown")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the table.

        :param args: nothing.
        :param options: ``format``.
        """
        described = describe_variables()
        if options["format"] == "json":
            self.stdout.write(json.dumps(described, indent=2))
            return
        self.stdout.write("\n".join(write_markdown(described)))


def write_markdown(described: list[dict[str, Any]]) -> list[str]:
    """Write a table for each section.

    :param described: the variables, those of one section together.
    :returns: the lines.
    """
    lines: list[str] = []
    section = None
    for variable in described:
        if variable["section"] != section:
            section = variable["section"]
            lines += ["", f"## {section}", "", "| Variable | Type | Default | Meaning |"]
            lines += ["| --- | --- | --- | --- |"]
        default = _show(variable["default"])
        if variable["production_default"] is not None:
            default += f" (production: {_show(variable['production_default'])})"
        cells = [f"`{variable['name']}`", variable["type"], default, variable["description"]]
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return lines[1:]


def _show(value: Any) -> str:
    if isinstance(value, bool):
        value = str(value).lower()
    return f"`{value}`" if value not in ("", [], None) else ""
