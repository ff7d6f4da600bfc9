"""The rules that a recipe must keep, beyond those of its single steps."""

import difflib
from collections.abc import Iterator

from ..recipe.digest import list_files
from ..recipe.manifest import Manifest, Step
from ..recipe.patch import PatchError, parse_patch
from ..recipe.problem import Problem
from ..recipe.repository import Repository
from .domain import Page


def check_recipe(page: Page, line: int, repository: Repository) -> list[Problem]:
    """Return what is wrong with a recipe as a whole.

    :param line: the line of its ``recipe`` directive.
    """
    problems: list[Problem] = []
    if not page.steps and not page.problems:
        problems.append(Problem(page.path, line, "The recipe has no step.", "Write at least one, or drop `{recipe}`."))
    seen: dict[str, Step] = {}
    for step in page.steps:
        if step.name in seen:
            problems.append(
                Problem(
                    page.path,
                    step.line,
                    f"The step name {step.name!r} is used already at line {seen[step.name].line}.",
                    "Give each step of the page a name of its own.",
                )
            )
        seen.setdefault(step.name, step)
    for manifest in page.manifests:
        for problem in _check_manifest(manifest, repository):
            if problem not in problems:
                problems.append(problem)
    return problems


def _check_manifest(manifest: Manifest, repository: Repository) -> Iterator[Problem]:
    if not manifest.steps and manifest.variant:
        yield Problem(manifest.page, 1, f"The variant {manifest.id} has no step.", "Give it one.")
    yield from _check_files(manifest, repository)
    running: set[str] = set()
    for step in manifest.steps:
        if step.kind == "background":
            running.add(step.name)
        elif step.target is not None and step.target not in running:
            known = ", ".join(sorted(running)) or "none"
            yield Problem(
                manifest.page,
                step.line,
                f"No background step {step.target!r} is running here (running: {known}).",
                "Name one that stands above, in the same tab or outside tabs.",
            )
        if step.kind == "stop" and step.target:
            running.discard(step.target)


def _was_followed(manifest: Manifest, repository: Repository) -> bool:
    """Tell whether somebody has followed a recipe about the site in this very clone.

    Its files are there then, and its edits fit no more; the other pages must be verifiable all the same. Running the
    recipe itself still fails, at its first step.
    """
    return any(step.kind == "file" and step.path and (repository.root / step.path).exists() for step in manifest.steps)


def _check_files(manifest: Manifest, repository: Repository) -> Iterator[Problem]:
    """Follow the files through the recipe: each edit must find its file and fit it, each new file must be new."""
    root = repository.reference if manifest.workspace == "project" else repository.root
    if manifest.workspace == "site" and _was_followed(manifest, repository):
        return
    changed: dict[str, tuple[str, Step]] = {}
    for step in manifest.steps:
        if step.path is None:
            continue
        source = root / step.path
        if step.kind == "file":
            if step.path in changed or source.exists():
                where = f"line {changed[step.path][1].line}" if step.path in changed else str(root.name)
                yield Problem(
                    manifest.page,
                    step.line,
                    f"The new file {step.path} is there already ({where}).",
                    "Change it with an `edit` step, or write another file.",
                )
            changed[step.path] = (step.text + "\n", step)
        elif step.kind == "edit":
            if step.path in changed:
                before = changed[step.path][0]
            elif source.is_file():
                before = source.read_text(encoding="utf-8")
            else:
                names = [str(path.relative_to(root)) for path in list_files(root)]
                near = ", ".join(difflib.get_close_matches(step.path, names)) or "nothing of a similar name"
                yield Problem(
                    manifest.page,
                    step.line,
                    f"The step edits {step.path}, which is not there (there is: {near}).",
                    "Name a file of the project, or create it with a `file` step above.",
                )
                continue
            try:
                changed[step.path] = (parse_patch(step.path, step.text).apply(before), step)
            except PatchError as error:
                yield Problem(manifest.page, step.line, error.found, error.instead)
