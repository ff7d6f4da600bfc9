"""Excerpts: Sphinx's own ``literalinclude``, of the reference project alone, by object name or marker."""

import ast
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.directives.code import LiteralInclude, LiteralIncludeReader

from ..recipe.manifest import Excerpt
from ..recipe.problem import RecipeError
from .blocks import build_block, build_copy_button, build_head, guess_language
from .directives import CookbookDirective, Options
from .repository import find_repository

SELECTING = ("pyobject", "start-after", "start-at", "end-before", "end-at")
# They count lines, so the next change of the file makes them point at something else.
COUNTING = ("lines", "lineno-match", "lineno-start", "emphasize-lines")
# As much as a reader takes in at a glance; more of a file needs a selection.
MOST_LINES = 30
# What a compound statement holds beside its head.
BODIES = (ast.stmt, ast.ExceptHandler, ast.match_case)
BY_NAME = "Select by `:pyobject:`, or by `:start-at:`, `:start-after:`, `:end-at:` and `:end-before:`."


class ExcerptDirective(CookbookDirective):
    """``{literalinclude} path``: lines of the reference project; a run of its tests shows that they do what is said."""

    has_content = False
    optional_arguments = 1
    option_spec: ClassVar = Options({name: LiteralInclude.option_spec[name] for name in SELECTING})

    def check_options(self) -> None:
        """Refuse options that count lines, or change what the file says."""
        for option in COUNTING:
            if option in self.options:
                raise RecipeError(f"The excerpt counts lines with `:{option}:`.", BY_NAME)
        if "diff" in self.options:
            raise RecipeError(
                "The excerpt shows a difference with `:diff:`.", "Write an `edit` step, which is applied and run."
            )
        super().check_options()

    def build(self) -> list[nodes.Node]:
        """Return the excerpt: a head with the file's path, and its lines, moved to the left margin."""
        source = self.require_source()
        path = source.relative_to(find_repository(self.env).reference).as_posix()
        self.env.note_dependency(str(source))
        text, excerpt = self.select(source, path)
        block = build_block(text, guess_language(path))
        block["cookbook_excerpt"] = excerpt
        block.line = self.lineno
        badge = nodes.inline("", "", classes=["cookbook-badge"], cookbook_excerpt=excerpt)
        buttons = [build_copy_button(text + "\n", f"Copy the lines of {path}")]
        whole = nodes.container(classes=["cookbook-excerpt"])
        whole += build_head("excerpt", buttons, badge, path=path)
        whole += nodes.container("", block, classes=["cookbook-block"])
        return [whole]

    def require_source(self) -> Path:
        """Return the file, which the page names as for Sphinx: relative to itself."""
        argument = self.arguments[0].strip() if self.arguments else ""
        reference = find_repository(self.env).reference.resolve()
        if not argument:
            raise RecipeError("The excerpt names no file.", f"Name one of {reference.name}, relative to the page.")
        source = Path(self.env.relfn2path(argument)[1]).resolve()
        if not source.is_relative_to(reference):
            raise RecipeError(
                f"The excerpt {argument} lies outside {reference.name}.",
                f"Show a file of {reference.name}, whose tests run its lines; what a reader writes is a `file` step.",
            )
        if not source.is_file():
            raise RecipeError(f"The excerpt {argument} is not there.", f"Name a file of {reference.name}.")
        if source.suffix != ".py":
            raise RecipeError(
                f"The excerpt {argument} is not Python, so no test can show that its lines were executed.",
                "Show it in a recipe, as a `file` or `edit` step, or by a `run` step that prints it.",
            )
        return source

    def select(self, source: Path, path: str) -> tuple[str, Excerpt]:
        """Return the lines that the options choose, and where they stand."""
        # Told to number the lines, Sphinx's reader says where they begin; the numbers are not shown.
        options: dict[str, Any] = {**self.options, "lineno-match": None, "dedent": None}
        try:
            reader = LiteralIncludeReader(source, options, self.config)
            text, _count = reader.read()
        except (ValueError, OSError) as error:
            raise RecipeError(f"{path}: {error}.", "Name an object or a marker that the file holds.") from error
        lines = text.splitlines()
        above = next((index for index, line in enumerate(lines) if line.strip()), 0)
        shown = "\n".join(lines[above:]).rstrip()
        if not shown:
            raise RecipeError(f"The excerpt of {path} is empty.", "Choose markers with lines between them.")
        count = len(shown.splitlines())
        if not any(name in self.options for name in SELECTING) and count > MOST_LINES:
            raise RecipeError(
                f"The excerpt shows all {count} lines of {path}; without a selection {MOST_LINES} are allowed.", BY_NAME
            )
        first = reader.lineno_start + above
        if begins := find_cut(source.read_text(encoding="utf-8"), first):
            raise RecipeError(
                f"The excerpt begins at line {first} of {path}, within the statement of line {begins}.",
                "Begin it where the statement begins: only there a run of the tests says whether it was executed.",
            )
        return shown, Excerpt(path=path, first=first, last=first + count - 1)


def find_cut(text: str, line: int) -> int | None:
    """Return the line where a statement begins that goes on in a line further down; None if none does.

    Of a compound statement only the head counts, since what stands in it are statements of their own.

    :param text: of a Python file.
    """
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.stmt):
            continue
        children = list(ast.iter_child_nodes(node))
        heads = [part for child in children if not isinstance(child, BODIES) for part in ast.walk(child)]
        placed = [node.lineno, *(part.lineno for part in heads if hasattr(part, "lineno"))]
        ended = [node.lineno, *(part.end_lineno for part in heads if hasattr(part, "end_lineno"))]
        compound = any(isinstance(child, BODIES) for child in children)
        begins, ends = min(placed), max(ended) if compound else node.end_lineno
        if begins < line <= ends:
            return begins
    return None


def setup(app: Sphinx) -> None:
    """Put the excerpt in the place of Sphinx's directive, whose name and options it keeps."""
    app.add_directive("literalinclude", ExcerptDirective, override=True)
