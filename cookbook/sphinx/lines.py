"""Finds the line of a block in its source, where the doctree's own number is off inside tabs and includes."""

import re
from pathlib import Path


class Source:
    """The lines of a page's source file."""

    def __init__(self, path: Path) -> None:
        self.lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []

    def find_block(self, text: str, near: int | None, *, step: str | None, excerpt: bool) -> int:
        """Return the line of a block, of a step or not; the text of an excerpt does not stand in the source."""
        if excerpt:
            return self.find_directive("literalinclude", near or 1)
        return self.find_text(text, near, self.find_step(step, None) if step else None)

    def find_step(self, name: str, near: int | None) -> int:
        """Return the line of the fence that opens a step: names are unique, so the name finds it.

        :param near: what to return if the name is not in the file.
        """
        option = re.compile(rf"^\s*(\.\.\s+)?:name:\s*{re.escape(name)}\s*$")
        hits = [index for index, line in enumerate(self.lines) if option.match(line)] if name else []
        if not hits:
            return near or 1
        # Of two equal names the one that the doctree means is the nearer one.
        hit = min(hits, key=lambda index: abs(index + 1 - (near or 0)))
        while hit > 0 and self.lines[hit].lstrip().startswith(":"):
            hit -= 1
        return hit + 1

    def find_directive(self, name: str, near: int) -> int:
        """Return the line that opens a directive, nearest to where the doctree says; that line if there is none."""
        opening = re.compile(rf"^\s*(\.\.\s+{name}::|[`:]{{3,}}\{{{name}\}})")
        hits = [index + 1 for index, line in enumerate(self.lines) if opening.match(line)]
        return min(hits, key=lambda hit: abs(hit - near), default=near)

    def find_text(self, text: str, near: int | None, after: int | None = None) -> int:
        """Return the line where a block's first line stands, nearest to where the doctree says.

        :param after: look below this line first.
        """
        first = next((line.strip() for line in text.splitlines() if line.strip()), "")
        hits = [index + 1 for index, line in enumerate(self.lines) if first and first in line]
        below = [hit for hit in hits if after is not None and hit > after]
        if below:
            return below[0]
        if not hits:
            return near or after or 1
        return min(hits, key=lambda hit: abs(hit - (near or 1)))

    def find_tabs(self, labels: list[str], after: int) -> int:
        """Return the line of the first tab below a line with these labels that follow one another."""
        pattern = re.compile(r"\{?(?:group-)?tab\}?(?:::)?\s+(.*)$")
        found = [
            (index + 1, match[1].strip()) for index, line in enumerate(self.lines) if (match := pattern.search(line))
        ]
        for start in range(len(found)):
            if found[start][0] > after and [label for _line, label in found[start : start + len(labels)]] == labels:
                return found[start][0]
        return 1
