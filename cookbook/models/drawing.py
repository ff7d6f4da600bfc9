"""Draws entities as SVG, in the colours of the page's theme: readable in the light and in the dark."""

import html
from collections.abc import Iterator
from dataclasses import dataclass

from .entities import Attribute, Entity

# In the picture's own units, which are pixels until a narrow screen scales it.
ROW, HEAD, PADDING, GAP_X, GAP_Y = 18, 26, 10, 70, 26
# The advance of a monospaced letter of 12 units, the size in site.css.
LETTER = 7.25


@dataclass(frozen=True)
class Box:
    """Where an entity stands."""

    entity: Entity
    x: float
    y: float
    width: float

    @property
    def height(self) -> float:
        """Its height: a head, and a row a field."""
        return HEAD + ROW * len(self.entity.fields) + (PADDING if self.entity.fields else 0)

    def row(self, index: int) -> float:
        """Return the middle of a field's row."""
        return self.y + HEAD + ROW * index + ROW / 2 + PADDING / 2


def place(columns: list[list[Entity]]) -> list[Box]:
    """Stack each column's entities; a column is as wide as its longest line."""
    boxes, x = [], 1.0
    for column in columns:
        width = max(LETTER * _count_letters(entity) + 2 * PADDING for entity in column)
        y = 1.0
        for entity in column:
            boxes.append(Box(entity, x, y, width))
            y += boxes[-1].height + GAP_Y
        x += width + GAP_X
    return boxes


def draw(columns: list[list[Entity]], description: str) -> str:
    """Draw entities, a line for every foreign key between them, and a hollow arrow for every base.

    :param columns: from left to right, each from top to bottom.
    :param description: what a reader who does not see the picture is told.
    :returns: the SVG element.
    """
    boxes = place(columns)
    by_name = {box.entity.name: box for box in boxes}
    width = max(box.x + box.width for box in boxes) + 1
    height = max(box.y + box.height for box in boxes) + 1
    parts = [line for box in boxes for line in _draw_relations(box, by_name)]
    parts += [line for box in boxes for line in _draw_box(box)]
    markers = (
        '<defs><marker id="model-base" viewBox="0 0 12 12" refX="11" refY="6" markerWidth="12" markerHeight="12" '
        'orient="auto"><path class="model-arrow" d="M1,1 L11,6 L1,11 z"/></marker>'
        '<marker id="model-key" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path class="model-line" d="M1,1 L7,4 L1,7"/></marker></defs>'
    )
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    label = html.escape(description, quote=True)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{label}" {size}>'
    return "".join([head, markers, *parts, "</svg>"])


def _count_letters(entity: Entity) -> int:
    rows = [len(one.name) + len(_describe(one)) + 2 for one in entity.fields]
    return max([len(_title(entity)), *rows])


def _title(entity: Entity) -> str:
    return f"{entity.name} (abstract)" if entity.is_abstract else entity.name


def _describe(one: Attribute) -> str:
    return f"→ {one.target}" if one.target else one.kind


def _draw_box(box: Box) -> Iterator[str]:
    kind = "model-abstract" if box.entity.is_abstract else "model-concrete"
    yield (
        f'<g class="{kind}"><rect class="model-box" x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" rx="5"/>'
    )
    yield f'<text class="model-name" x="{box.x + PADDING:.1f}" y="{box.y + 17:.1f}">{_title(box.entity)}</text>'
    if box.entity.fields:
        yield f'<path class="model-rule" d="M{box.x:.1f},{box.y + HEAD:.1f} h{box.width:.1f}"/>'
    for index, one in enumerate(box.entity.fields):
        y = box.row(index) + 4
        yield f'<text class="model-field" x="{box.x + PADDING:.1f}" y="{y:.1f}">{html.escape(one.name)}</text>'
        right = box.x + box.width - PADDING
        told = html.escape(_describe(one))
        yield f'<text class="model-kind" x="{right:.1f}" y="{y:.1f}" text-anchor="end">{told}</text>'
    yield "</g>"


def _draw_relations(box: Box, boxes: dict[str, Box]) -> Iterator[str]:
    for parent in box.entity.parents:
        if parent in boxes:
            yield _draw_line(box, box.y + HEAD / 2, boxes[parent], "model-line", "model-base")
    for index, one in enumerate(box.entity.fields):
        if one.target in boxes and one.target != box.entity.name:
            yield _draw_line(box, box.row(index), boxes[one.target], "model-line model-dashed", "model-key")


def _draw_line(box: Box, y: float, target: Box, kind: str, marker: str) -> str:
    end, bend = target.y + HEAD / 2, GAP_X / 2
    # A line leaves a box towards its target; inside a column it leaves and arrives on the right.
    start = box.x if target.x < box.x else box.x + box.width
    stop = target.x if target.x > box.x else target.x + target.width
    before = start - bend if target.x < box.x else start + bend
    after = stop - bend if target.x > box.x else stop + bend
    curve = f"M{start:.1f},{y:.1f} C{before:.1f},{y:.1f} {after:.1f},{end:.1f} {stop:.1f},{end:.1f}"
    return f'<path class="{kind}" marker-end="url(#{marker})" d="{curve}"/>'
