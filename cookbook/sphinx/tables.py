"""Builds tables as doctree nodes, so that every builder can render them."""

from collections.abc import Sequence

from docutils import nodes

Cell = str | nodes.Node | Sequence[nodes.Node]


def _entry(cell: Cell) -> nodes.entry:
    entry = nodes.entry()
    paragraph = nodes.paragraph()
    if isinstance(cell, str):
        paragraph += nodes.Text(cell)
    elif isinstance(cell, nodes.Node):
        paragraph += cell
    else:
        paragraph += list(cell)
    entry += paragraph
    return entry


def build_table(titles: Sequence[str], rows: Sequence[Sequence[Cell]], classes: Sequence[str] = ()) -> nodes.table:
    """Return a table with one head row.

    :param titles: the columns' titles.
    :param rows: cells are text or inline nodes.
    """
    table = nodes.table(classes=list(classes))
    group = nodes.tgroup(cols=len(titles))
    table += group
    group += [nodes.colspec(colwidth=1) for _title in titles]
    head = nodes.thead()
    head += _row(titles)
    group += head
    body = nodes.tbody()
    body += [_row(row) for row in rows]
    group += body
    return table


def _row(cells: Sequence[Cell]) -> nodes.row:
    row = nodes.row()
    row += [_entry(cell) for cell in cells]
    return row
