"""Folding: what the steps of a recipe make of each file of the reference project, one state after each step."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..recipe.console import parse_session
from ..recipe.manifest import Manifest, Step
from ..recipe.patch import Patch, PatchError, parse_patch
from ..recipe.problem import RecipeError
from .problem import ApplicationError
from .project import OutsideError, check_relative
from .text import UnreadableError, decode

# Sections of every recipe that are not meant for the reader's project: one provokes errors, one shows this command.
LEFT_OUT = {"If it fails", "Apply it to your project"}


@dataclass(frozen=True)
class Command:
    """One command that is left to the reader, and the section of the page that gives it."""

    text: str
    section: str


@dataclass
class FileHistory:
    """One file on its way through a recipe, under the reader's name for the package.

    :param path: relative to the project's root.
    :param states: the reference project's lines, or None if it has no such file; then one for each step.
    :param steps: the steps that change it, in page order.
    :param executable: whether a ``file`` step makes it executable.
    :param patches: edits that come after all states and fit none of them, because commands change the file in between.
    :param commands: these commands.
    """

    path: str
    states: list[str | None] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    executable: bool = False
    patches: list[Patch] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)


def _place(step: Step) -> str:
    return f"{step.page}:{step.line}"


def _read_reference(folder: Path, path: str, step: Step) -> str | None:
    source = folder / path
    if not source.is_file():
        return None
    try:
        return decode(source.read_bytes()).lines
    except UnreadableError as error:
        raise ApplicationError(f"{_place(step)}: the reference project's {path} cannot be edited: {error}") from error


def select_steps(manifest: Manifest) -> list[Step]:
    """Return the steps that a project needs, leaving out the sections that only show something."""
    return [step for step in manifest.steps if step.section not in LEFT_OUT]


def list_commands(manifest: Manifest, rename: Callable[[str], str]) -> list[Command]:
    """Return the commands of a manifest in page order, with the reader's name for the package."""
    return [
        Command(rename(command.text), step.section)
        for step in select_steps(manifest)
        if step.kind in ("run", "background")
        for command in parse_session(step.text)
    ]


def fold_steps(manifest: Manifest, reference: Path, rename: Callable[[str], str]) -> list[FileHistory]:
    """Return every file that a recipe writes, with its states from step to step.

    Renaming comes last, so the steps are applied to the very text that the recipe was verified on.

    :param manifest: the recipe in the variant that was chosen.
    :param reference: the reference project.
    :param rename: from the reference project's package to the reader's.
    :raises ApplicationError: if a step does not fit the reference project and no command before it explains why.
    """
    histories: dict[str, FileHistory] = {}
    commands: list[str] = []
    for step in select_steps(manifest):
        if step.kind in ("run", "background"):
            commands += [rename(command.text) for command in parse_session(step.text)]
        if step.kind not in ("file", "edit") or step.path is None:
            continue
        try:
            check_relative(rename(step.path))
        except OutsideError as error:
            raise ApplicationError(f"{_place(step)}: {error} Recipes may only write inside it.") from error
        history = histories.get(step.path)
        if history is None:
            history = histories[step.path] = FileHistory(
                rename(step.path), [_read_reference(reference, step.path, step)]
            )
        history.steps.append(step)
        if step.kind == "file":
            history.states.append(step.text if step.text.endswith("\n") else step.text + "\n")
            history.executable = step.executable
        else:
            _fold_edit(history, step, commands, rename)
    for history in histories.values():
        history.states = [None if state is None else rename(state) for state in history.states]
    return list(histories.values())


def _fold_edit(history: FileHistory, step: Step, commands: list[str], rename: Callable[[str], str]) -> None:
    try:
        patch = parse_patch(step.path or "", step.text)
        before = history.states[-1]
        if not history.patches and before is not None:
            history.states.append(patch.apply(before))
            return
        found = f"{step.path} is not in the reference project."
    except PatchError as error:
        found = str(error)
    except RecipeError as error:
        raise ApplicationError(f"{_place(step)}: {error}") from error
    if not commands:
        raise ApplicationError(
            f"{_place(step)}: the step {step.name} does not fit the reference project. {found} "
            "Run `cookbook verify` on the recipe: its page, or this checkout, needs repair."
        )
    # A command before it makes the file, or changes it: only the reader's own file can tell whether the edit fits.
    history.patches.append(parse_patch(rename(step.path or ""), rename(step.text)))
    history.commands = list(commands)
