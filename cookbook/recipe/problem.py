"""Problem: something wrong in a recipe's page, told so that its writer can put it right."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One mistake on a page.

    :param page: the page, relative to the repository's root.
    :param line: the line of the block that is wrong, counted from 1.
    :param found: what stands there.
    :param instead: what to write instead.
    """

    page: str
    line: int
    found: str
    instead: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.found} {self.instead}"


class RecipeError(Exception):
    """A block that cannot become a step; says what was found and what to write instead.

    The directive that read the block knows its page and line and turns the error into a :class:`Problem`.
    """

    def __init__(self, found: str, instead: str) -> None:
        super().__init__(f"{found} {instead}")
        self.found = found
        self.instead = instead
