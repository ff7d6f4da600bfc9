"""Builds tables as doctree nodes, so that every builder can render them."""

import html
from collections.abc import Sequence

from docutils import nodes

Cell = str | nodes.Node | Sequence[nodes.Node]


def _entry(cell: Cell, label: str = "") -> nodes.entry:
    entry = nodes.entry()
    paragraph = nodes.paragraph()
    if label:
        paragraph += nodes.raw("", f'<span class="cookbook-label">{html.escape(label)}: </span>', format="html")
    if isinstance(cell, str):
        paragraph += nodes.Text(cell)
    elif isinstance(cell, nodes.Node):
        paragraph += cell
    else:
        paragraph += list(cell)
    entry += paragraph
    return entry


def build_table(
    titles: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    classes: Sequence[str] = (),
    *,
    widths: Sequence[int] | None = None,
    stacked: bool = False,
) -> nodes.table:
    """Return a table with one head row.

    :param titles: the columns' titles.
    :param rows: cells are text or inline nodes.
    :param widths: the columns' widths in relation to one another; equal if not given.
    :param stacked: each cell carries its column's title too, which the stylesheet shows on narrow screens only,
        where the cells of a row stand below one another.
    """
    marks = ["cookbook-stacked"] * stacked + ["colwidths-given"] * (widths is not None)
    table = nodes.table(classes=[*classes, *marks])
    group = nodes.tgroup(cols=len(titles))
    table += group
    group += [nodes.colspec(colwidth=width) for width in widths or [1] * len(titles)]
    head = nodes.thead()
    head += _row(titles)
    group += head
    body = nodes.tbody()
    body += [_row(row, titles if stacked else None) for row in rows]
    group += body
    return table


def _row(cells: Sequence[Cell], labels: Sequence[str] | None = None) -> nodes.row:
    row = nodes.row()
    row += [_entry(cell, label) for cell, label in zip(cells, labels or [""] * len(cells), strict=True)]
    return row
