"""The directive that lists, out of a data file, what an older guide got wrong, what is right, and what proves it."""

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

import msgspec
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from ..recipe.wrong_form import WrongForm, read_wrong_forms


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that was wrong.

    :param number: its number; or
    :param name: its name, if it has no number.
    :param was: what was said or done.
    :param now: what is right.
    :param steps: ``recipe/step``, the steps that prove it.
    :param tests: files, or ``file::test``, that prove it.
    :param gone: why there is nothing to prove.
    :param open: what is still to come.
    """

    was: str
    now: str
    number: int | None = None
    name: str = ""
    steps: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    gone: str = ""
    open: str = ""

    @property
    def key(self) -> int | str:
        """What it is called: by its number, else by its name."""
        return self.name if self.number is None else self.number


def read_changes(path: Path) -> list[Change]:
    """Read the data file.

    :param path: a TOML file with a table ``change`` for each.
    :returns: the changes in the order of their numbers; those without stand at the end, as in the file.
    :raises ValueError: when it is no such file, a number or name occurs twice, or an entry has neither proof nor
        reason.
    """
    found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), dict[str, list[Change]])
    changes = sorted(found.get("change", []), key=lambda change: (change.number is None, change.number or 0))
    keys = [change.key for change in changes]
    if "" in keys:
        raise ValueError(f"{path} has an entry without number and name; add one.")
    if twice := {str(key) for key in keys if keys.count(key) > 1}:
        raise ValueError(f"{path} has more than one entry numbered {', '.join(sorted(twice))}.")
    for change in changes:
        if not (change.steps or change.tests or change.gone or change.open):
            raise ValueError(f"{path}: change {change.key} has neither proof nor reason; add steps, tests or gone.")
    return changes


class ChangesDirective(SphinxDirective):
    """Lists the changes of a data file, beside the page that has it."""

    required_arguments = 1
    option_spec: ClassVar = {"wrong-forms": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Return the list.

        :returns: how many there are, and one definition for each.
        """
        try:
            changes = read_changes(self._find(self.arguments[0]))
            wrong = self.options.get("wrong-forms")
            forms = read_wrong_forms(self._find(wrong)).form if wrong else ()
        except (OSError, ValueError) as error:
            raise self.error(f"The changes cannot be read: {error}") from error
        return self.parse_text_to_nodes("\n".join(write_list(changes, forms)))

    def _find(self, name: str) -> Path:
        _, absolute = self.env.relfn2path(name)
        self.env.note_dependency(absolute)
        return Path(absolute)


def write_list(changes: Iterable[Change], forms: Sequence[WrongForm] = ()) -> Iterable[str]:
    """Write the changes as MyST.

    :param changes: the changes.
    :param forms: wrong forms that a test puts back, of these changes or others.
    :returns: the lines.
    """
    changes = list(changes)
    still_open = sum(bool(change.open) for change in changes)
    yield f"{len(changes) - still_open} of {len(changes)} are closed; {still_open or 'none'} open."
    yield ""
    for change in changes:
        yield f"(change-{str(change.key).lower().replace(' ', '-')})="
        yield f"**{change.key}.** {change.was}"
        yield f": {change.now}"
        proofs = [f"{{step}}`{step}`" for step in change.steps] + [f"`{test}`" for test in change.tests]
        if proofs:
            yield f"  Proof: {', '.join(proofs)}."
        own = [form for form in forms if form.of == change.key]
        noticed = [f"{{step}}`{form.fails}`" if form.is_of_recipe else f"`{form.fails}`" for form in own]
        if noticed:
            yield f"  Putting the wrong form back makes {' and '.join(dict.fromkeys(noticed))} fail."
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
