"""Files: writes the file that a page shows, and applies the diff that a page shows; never outside the workspace."""

from pathlib import Path

from ..recipe.manifest import Step
from ..recipe.patch import parse_patch
from ..recipe.problem import RecipeError
from .failure import StepFailure


def resolve(project: Path, path: str | None) -> Path:
    """Return where a step writes.

    :raises StepFailure: if that lies outside the workspace.
    """
    target = (project / (path or "")).resolve()
    if not path or not target.is_relative_to(project.resolve()) or target == project.resolve():
        raise StepFailure(f"{path!r} lies outside the project. Name a file inside it, relative to its top folder.")
    return target


def write_file(step: Step, project: Path) -> None:
    """Run a ``file`` step: create a file that is not there yet.

    :raises StepFailure: if it is there, or its place cannot be written to.
    """
    target = resolve(project, step.path)
    if target.exists():
        raise StepFailure(
            f"{step.path} is already there: the project has it, or two steps create the same file. "
            "Change it with an `edit` step."
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(step.text if step.text.endswith("\n") else step.text + "\n", encoding="utf-8")
    except OSError as error:
        raise StepFailure(
            f"{step.path} cannot be written: {error.strerror}. Is a folder of its path a file?"
        ) from error
    if step.executable:
        target.chmod(target.stat().st_mode | 0o111)


def edit_file(step: Step, project: Path) -> None:
    """Run an ``edit`` step: apply its diff, strictly.

    :raises StepFailure: if the file is not there or the diff does not fit it; with the hunk and the nearest lines.
    """
    target = resolve(project, step.path)
    if not target.is_file():
        raise StepFailure(f"{step.path} is not there. An `edit` step changes a file; create one with a `file` step.")
    try:
        changed = parse_patch(step.path or "", step.text).apply(target.read_bytes().decode())
    except RecipeError as error:
        raise StepFailure(str(error)) from error
    except UnicodeDecodeError as error:
        raise StepFailure(f"{step.path} is no text in UTF-8; a diff cannot change it.") from error
    target.write_bytes(changed.encode())
