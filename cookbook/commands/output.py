"""Output: the consoles that all commands print to, JSON, and the one way to give up."""

from typing import Any, NoReturn

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

FAILED = 1
BAD_INPUT = 2

DIFF_STYLES = {"+++": "bold", "---": "bold", "+": "green", "-": "red", "@": "cyan"}


def open_console(*, stderr: bool = False) -> Console:
    """Return a console on what standard output (or error) is now; coloured only on a terminal."""
    return Console(stderr=stderr, highlight=False, soft_wrap=True)


def say(text: str = "", style: str | None = None) -> None:
    """Print lines for people, without reading markup into them."""
    open_console().print(Text(text, style=style or ""))


def note(text: str, style: str | None = None) -> None:
    """Print lines for people to standard error, so that output for programs stays clean."""
    open_console(stderr=True).print(Text(text, style=style or ""))


def fail(message: str, code: int = BAD_INPUT) -> NoReturn:
    """Say what is wrong and end the command.

    :param message: what was found, what was expected, and what to do next.
    :param code: 1 if something failed, 2 for bad input.
    :raises typer.Exit: always.
    """
    note(message, "bold red" if open_console(stderr=True).is_terminal else None)
    raise typer.Exit(code)


def print_json(value: Any) -> None:
    """Print a value as JSON, and nothing else."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def print_table(columns: list[str], rows: list[list[str | Text]]) -> None:
    """Print a table without lines; cells that do not fit are wrapped, never cut."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in row))
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 10_000  # in a pipe there is no width to fit into: one line a row keeps `grep` useful
    console.print(table)


def print_diff(diff: str) -> None:
    """Print a unified diff, coloured on a terminal."""
    console = open_console()
    for line in diff.splitlines():
        style = next((style for mark, style in DIFF_STYLES.items() if line.startswith(mark)), "")
        console.print(Text(line, style=style))
