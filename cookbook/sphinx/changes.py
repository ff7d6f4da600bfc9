"""The directive that lists, out of a data file, what an older guide got wrong, what is right, and what proves it."""

import tomllib
from collections.abc import Iterable
from pathlib import Path

import msgspec
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that was wrong.

    :param number: its number.
    :param was: what was said or done.
    :param now: what is right.
    :param steps: ``recipe/step``, the steps that prove it.
    :param tests: files, or ``file::test``, that prove it.
    :param gone: why there is nothing to prove.
    :param open: what is still to come.
    """

    number: int
    was: str
    now: str
    steps: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    gone: str = ""
    open: str = ""


def read_changes(path: Path) -> list[Change]:
    """Read the data file.

    :param path: a TOML file with a table ``change`` for each.
    :returns: the changes in the order of their numbers.
    :raises ValueError: when it is no such file, a number occurs twice, or an entry has neither proof nor reason.
    """
    found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), dict[str, list[Change]])
    changes = sorted(found.get("change", []), key=lambda change: change.number)
    numbers = [change.number for change in changes]
    if twice := {number for number in numbers if numbers.count(number) > 1}:
        raise ValueError(f"{path} has more than one entry numbered {', '.join(map(str, sorted(twice)))}.")
    for change in changes:
        if not (change.steps or change.tests or change.gone or change.open):
            raise ValueError(f"{path}: change {change.number} has neither proof nor reason; add steps, tests or gone.")
    return changes


class ChangesDirective(SphinxDirective):
    """Lists the changes of a data file, beside the page that has it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the list.

        :returns: how many there are, and one definition for each.
        """
        _, absolute = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(absolute)
        try:
            changes = read_changes(Path(absolute))
        except (OSError, ValueError) as error:
            raise self.error(f"The changes cannot be read: {error}") from error
        return self.parse_text_to_nodes("\n".join(write_list(changes)))


def write_list(changes: Iterable[Change]) -> Iterable[str]:
    """Write the changes as MyST.

    :param changes: the changes.
    :returns: the lines.
    """
    changes = list(changes)
    still_open = sum(bool(change.open) for change in changes)
    yield f"{len(changes) - still_open} of {len(changes)} are closed; {still_open or 'none'} open."
    yield ""
    for change in changes:
        yield f"(change-{change.number})="
        yield f"**{change.number}.** {change.was}"
        yield f": {change.now}"
        proofs = [f"{{step}}`{step}`" for step in change.steps] + [f"`{test}`" for test in change.tests]
        if proofs:
            yield f"  Proof: {', '.join(proofs)}."
        if change.gone:
            yield f"  {change.gone}"
        if change.open:
            yield f"  *Open:* {change.open}"
        yield ""


def setup(app: Sphinx) -> None:
    """Register the directive.

    :param app: Sphinx.
    """
    app.add_directive("changes", ChangesDirective)
