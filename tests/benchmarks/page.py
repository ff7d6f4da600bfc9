"""Writes what was measured into the site's pages about costs and about scaling: figures are never typed in."""

import datetime
import os
from pathlib import Path
from typing import Any

from .measurements import WIDTH, WORKERS

MARK = '<!-- Below: written by `make bench BENCH="--page"`. -->\n'
# Between these, a page holds what one pod's worth of processes does.
BEGIN = '<!-- Written by `make bench BENCH="--page"`. -->\n'
END = "<!-- End of what is written. -->\n"


def write_page(page: Path, found: dict[str, Any]) -> None:
    """Replace the figures of a page.

    :param page: the page; what stands above the mark stays.
    :param found: what was measured, with at least the five measurements.
    """
    above, mark, _ = page.read_text(encoding="utf-8").partition(MARK)
    if not mark:
        raise ValueError(f"{page} has no line {MARK.strip()!r}; put it where the figures are to stand.")
    page.write_text(above + mark + "\n".join(list_lines(found)) + "\n", encoding="utf-8")


def write_scale(page: Path, found: dict[str, Any]) -> None:
    """Replace the figures of the page that says what scales by what.

    :param page: the page; what stands around the marks stays.
    :param found: likewise.
    """
    above, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, below = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{page} lacks the lines {BEGIN.strip()!r} and {END.strip()!r}; put them where figures stand.")
    (requests,), (tasks,) = found["requests"]["cases"].values(), found["tasks"]["cases"].values()
    text = (
        f"{describe_machine(found)}\n"
        f"One process of the site with {WIDTH} threads answered {requests['project']['median']:.0f} requests of "
        f"`accounts/me/` a second.\n"
        f"A worker of {WORKERS} processes did {tasks['outbox']['median']:.0f} tasks of the outbox a second.\n"
    )
    page.write_text(above + begin + text + end + below, encoding="utf-8")


def describe_machine(found: dict[str, Any]) -> str:
    """Say when and where it was measured."""
    when = datetime.datetime.now(datetime.UTC).date().isoformat()
    return f"Measured on {when}, on {os.cpu_count()} processors ({found['machine']}), Python {found['python']}."


def list_lines(found: dict[str, Any]) -> list[str]:
    """Return the figures as a page's lines.

    :param found: likewise.
    """
    lines = ["", describe_machine(found)]
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
