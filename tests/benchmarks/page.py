"""Writes what was measured into the site's page about costs: figures are never typed in."""

import datetime
import os
from pathlib import Path
from typing import Any

MARK = '<!-- Below: written by `make bench BENCH="--page"`. -->\n'


def write_page(page: Path, found: dict[str, Any]) -> None:
    """Replace the figures of a page.

    :param page: the page; what stands above the mark stays.
    :param found: what was measured, with at least the five measurements.
    """
    above, mark, _ = page.read_text(encoding="utf-8").partition(MARK)
    if not mark:
        raise ValueError(f"{page} has no line {MARK.strip()!r}; put it where the figures are to stand.")
    page.write_text(above + mark + "\n".join(list_lines(found)) + "\n", encoding="utf-8")


def list_lines(found: dict[str, Any]) -> list[str]:
    """Return the figures as a page's lines.

    :param found: likewise.
    """
    when = datetime.datetime.now(datetime.UTC).date().isoformat()
    machine = f"{os.cpu_count()} processors ({found['machine']}), Python {found['python']}"
    lines = ["", f"Measured on {when}, on {machine}."]
    for name in ("saves", "growth", "requests", "tasks", "recipes"):
        told = found[name]
        lines += ["", f"### {name.capitalize()}", "", f"In {told['unit']}; {told['aim']}."]
        for case, rows in told["cases"].items():
            lines += ["", f"{case[:1].upper()}{case[1:]}:", ""]
            lines += ["| | smallest | median | largest | beside |", "| --- | --- | --- | --- | --- |"]
            for row, figures in rows.items():
                cells = [f"{figures[one]:.2f}" for one in ("min", "median", "max")]
                lines.append(f"| {row} | {' | '.join(cells)} | {figures['ratio']:.2f} × {told['base']} |")
    return lines
