"""Wrong form: what stood in place of something right, to be put back so that what proves the right form fails."""

import difflib
import tomllib
from dataclasses import replace
from pathlib import Path

import msgspec

from .manifest import Manifest, Step
from .repository import Repository

# The step that puts a wrong form back into a file, before the recipe's own.
PUT_BACK = "put-the-wrong-form-back"
# Lines that are not to come need not be waited for as long as those that are; seconds.
PATIENCE = 20.0
AWAITED = ("background", "log")


class WrongForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text that takes the place of the right one, and what notices it.

    :param of: the number or the name of the change that it undoes.
    :param right: what stands there.
    :param wrong: what is put there instead.
    :param fails: ``recipe/step``, or a file of tests or one test of it.
    :param message: a part of what that says when it fails.
    :param step: the step of that recipe that the text stands in.
    :param file: the file that it stands in, if it is in no step; relative to the repository's root.
    :param variant: which variant of the recipe, by its id; any, if it is empty.
    :param without: steps of the recipe that are left out: what fails does not need them, and some would notice sooner.
    """

    of: int | str
    right: str
    wrong: str
    fails: str
    message: str
    step: str = ""
    file: str = ""
    variant: str = ""
    without: tuple[str, ...] = ()

    @property
    def is_of_recipe(self) -> bool:
        """Whether a step notices it, and not a test."""
        return not self.fails.partition("::")[0].endswith(".py")

    def put_into(self, text: str, place: str) -> str:
        """Return a text with the wrong form in place of the right one.

        :param place: what the text is, for the error.
        :raises ValueError: if the right form does not stand there exactly once.
        """
        if (count := text.count(self.right)) != 1:
            raise ValueError(f"What is right instead of {self.of} stands {count} times in {place}:\n{self.right}")
        return text.replace(self.right, self.wrong)


class WrongForms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The data file.

    :param provoked: the numbers and names of the defects that were seen to fail, not only read.
    """

    provoked: tuple[int | str, ...]
    form: tuple[WrongForm, ...]


def read_wrong_forms(path: Path) -> WrongForms:
    """Read the data file.

    :param path: a TOML file with the list ``provoked``, and a table ``form`` for each wrong form.
    :returns: what it holds.
    :raises ValueError: when it is no such file, or a form does not say where it belongs.
    """
    found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), WrongForms)
    for form in found.form:
        if bool(form.step) == bool(form.file):
            raise ValueError(f"{path}: the wrong form of {form.of} needs either `step` or `file`.")
    return found


def cut(manifest: Manifest, form: WrongForm) -> Manifest:
    """Return as much of a recipe as a wrong form concerns, still with the right form: up to the step that is to fail.

    :raises ValueError: if the recipe has no such step, or none of another that the form names.
    """
    last = form.fails.partition("/")[2]
    names = [step.name for step in manifest.steps]
    for name in filter(None, (last, form.step, *form.without)):
        if name not in names:
            raise ValueError(f"{manifest.id} has no step {name}; the wrong form of {form.of} names it.")
    steps = manifest.steps[: names.index(last) + 1]
    return replace(manifest, steps=tuple(step for step in steps if step.name not in form.without))


def put_back(manifest: Manifest, form: WrongForm, repository: Repository) -> Manifest:
    """Return as much of a recipe as a wrong form concerns, with the wrong form in it.

    :raises ValueError: if a step is missing, or the right form is not there to be replaced.
    """
    *steps, last = cut(manifest, form).steps
    if last.kind in AWAITED:
        last = replace(last, timeout=min(last.timeout, PATIENCE))
    steps.append(last)
    if form.file:
        steps.insert(0, _make_edit(manifest, form, repository))
    for at, step in enumerate(steps):
        if step.name == form.step:
            steps[at] = replace(step, text=form.put_into(step.text, f"the step {step.name}"))
    return replace(manifest, steps=tuple(steps))


def _make_edit(manifest: Manifest, form: WrongForm, repository: Repository) -> Step:
    source = repository.root / form.file
    before = source.read_text(encoding="utf-8")
    after = form.put_into(before, form.file)
    base = repository.reference if manifest.workspace == "project" else repository.root
    path = source.relative_to(base).as_posix()
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), f"a/{path}", f"b/{path}", lineterm="")
    text = "\n".join([f"diff --git a/{path} b/{path}", *lines])
    return Step(name=PUT_BACK, kind="edit", page=manifest.page, line=1, text=text, path=path)
