"""Plan: what carrying a recipe onto a project would change, and what stands against it; changes nothing itself."""

import difflib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ..recipe.manifest import Manifest, Step
from ..recipe.patch import PatchError
from .fitting import fit
from .folding import Command, FileHistory, fold_steps, list_commands
from .merge import MergeError, Region, merge
from .naming import find_package, make_renamer
from .project import OutsideError, Project
from .text import Text, UnreadableError, decode

EXECUTE = 0o111


@dataclass(frozen=True)
class Change:
    """What becomes of one file.

    :param path: relative to the project's root, as the recipe names it.
    :param target: where it really lies.
    :param diff: a unified diff; empty if nothing changes.
    :param before: its bytes now, None if it is not there.
    :param after: its bytes then.
    :param executable: whether it has to become executable.
    """

    path: str
    action: Literal["create", "update", "unchanged"]
    diff: str
    target: Path
    before: bytes | None
    after: bytes
    executable: bool = False


@dataclass(frozen=True)
class Conflict:
    """Why one file cannot take what the recipe does to it.

    :param found: what is the matter.
    :param instead: what to do about it.
    :param steps: the steps that change the file, as page:line.
    :param line: the reader's line, if there is one.
    :param yours: the reader's lines there.
    :param recipe: the recipe's lines there.
    """

    path: str
    found: str
    instead: str
    steps: tuple[str, ...]
    line: int | None = None
    yours: tuple[str, ...] = ()
    recipe: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What applying a recipe would do.

    :param commands: what is left for the reader to run, in page order.
    """

    manifest: Manifest
    package: str
    commands: tuple[Command, ...]
    changes: list[Change] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)

    @property
    def pending(self) -> list[Change]:
        """The changes that are not in the project yet."""
        return [change for change in self.changes if change.action != "unchanged"]


class _ClashError(Exception):
    """Carries why one file cannot take the recipe, and the places where, to where conflicts are collected."""

    def __init__(self, found: str, instead: str, regions: tuple[Region, ...] = ()) -> None:
        self.found = found
        self.instead = instead
        self.regions = regions


def _compare(yours: str, recipe: str) -> tuple[Region, ...]:
    """Return the places where two versions of a file differ."""
    mine, theirs = yours.splitlines(), recipe.splitlines()
    matcher = difflib.SequenceMatcher(None, mine, theirs, autojunk=False)
    return tuple(
        Region(a + 1, tuple(mine[a:b]), (), tuple(theirs[c:d]))
        for tag, a, b, c, d in matcher.get_opcodes()
        if tag != "equal"
    )


def _carry(history: FileHistory, yours: Text | None) -> Text:
    """Return what a file becomes.

    :raises _ClashError: if it cannot be.
    """
    base, final = history.states[0], history.states[-1]
    if yours is None:
        if base is not None:
            raise _ClashError(
                "The file is not there, and the recipe edits it.",
                "Take it over from the reference project, or make the change where your project has these settings.",
            )
        if final is None:
            ran = "\n".join(f"    {command}" for command in history.commands)
            raise _ClashError(
                "The file is not there: a command of the recipe makes it before it is edited.",
                f"Run what comes before it, then apply the recipe again:\n{ran}",
            )
        yours, lines = Text(""), final
    elif base is None and final is not None:
        if yours.lines not in history.states:
            raise _ClashError(
                "The recipe creates this file, but you have one of that name with other content.",
                "Rename yours, or make it what the recipe creates, then apply again.",
                _compare(yours.lines, final),
            )
        lines = final
    elif base is not None and final is not None and len(history.states) > 1:
        merged = merge(yours.lines, [state or "" for state in history.states])
        if merged.conflicts:
            raise _ClashError(
                "You and the recipe change the same lines.",
                "Make the recipe's change there by hand, or take yours back, then apply again.",
                merged.conflicts,
            )
        lines = merged.lines
    else:
        lines = yours.lines
    try:
        for patch in history.patches:
            lines = fit(lines, patch)
    except PatchError as error:
        ran = "\n".join(f"    {command}" for command in history.commands)
        raise _ClashError(
            error.found, f"If these commands have not been run yet, run them, then apply again:\n{ran}"
        ) from error
    return yours.with_lines(lines)


def _diff(path: str, before: Text | None, after: Text, new_mode: bool, executable: bool) -> str:
    """Return a unified diff that ``git apply`` takes."""
    old = before.lines if before else ""
    mode = "100755" if executable else "100644"
    head = [f"diff --git a/{path} b/{path}"]
    if before is None:
        head.append(f"new file mode {mode}")
    elif new_mode:
        head += ["old mode 100644", "new mode 100755"]
    source = "/dev/null" if before is None else f"a/{path}"
    body = list(difflib.unified_diff(old.splitlines(), after.lines.splitlines(), source, f"b/{path}", lineterm=""))
    return "\n".join([*head, *body]) + "\n"


def _plan_file(history: FileHistory, project: Project) -> Change:
    try:
        target = project.locate(history.path)
    except OutsideError as error:
        raise _ClashError(
            str(error), "Nothing outside the project is ever written: put an ordinary file or folder there."
        ) from error
    try:
        before = target.read_bytes() if target.exists() else None
        mode = target.stat().st_mode if before is not None else 0
    except OSError as error:
        raise _ClashError(f"The file cannot be read: {error.strerror}.", "Make it readable for you.") from error
    try:
        yours = None if before is None else decode(before)
        text = _carry(history, yours)
        same = yours is not None and text.lines == yours.lines
        after = before if same and before is not None else text.encode()
    except UnreadableError as error:
        raise _ClashError(
            str(error), "Save it as UTF-8 with one kind of line ends, commit that, then apply again."
        ) from error
    except MergeError as error:
        raise _ClashError(f"Git cannot merge it: {error}", "Make the change by hand.") from error
    new_mode = history.executable and before is not None and not mode & EXECUTE
    if same and not new_mode:
        return Change(history.path, "unchanged", "", target, before, after)
    diff = _diff(history.path, yours, text, new_mode, history.executable)
    action: Literal["create", "update"] = "create" if before is None else "update"
    return Change(history.path, action, diff, target, before, after, history.executable)


def _place(step: Step) -> str:
    return f"{step.page}:{step.line}"


def make_plan(manifest: Manifest, reference: Path, project: Project) -> Plan:
    """Work out what carrying a recipe onto a project would change.

    :param manifest: the recipe in the variant that was chosen.
    :param reference: the reference project.
    :param project: the reader's.
    :returns: the plan; with conflicts it must not be carried out.
    :raises ApplicationError: if the recipe does not fit the reference project itself.
    """
    rename = make_renamer(find_package(reference), project.package)
    plan = Plan(manifest, project.package, tuple(list_commands(manifest, rename)))
    for history in fold_steps(manifest, reference, rename):
        try:
            plan.changes.append(_plan_file(history, project))
        except _ClashError as clash:
            steps = tuple(_place(step) for step in history.steps)
            told = (history.path, clash.found, clash.instead, steps)
            places = [Conflict(*told, one.line, one.yours, one.recipe) for one in clash.regions]
            plan.conflicts.extend(places or [Conflict(*told)])
    return plan
