"""Writing: carries out a plan's changes all together, or puts everything back."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from .plan import EXECUTE, Change
from .problem import ApplicationError
from .project import OutsideError, Project

PREFIX = ".cookbook-"


def _check(change: Change, project: Project) -> None:
    """Make sure that the file still is where and what it was when the plan was made."""
    try:
        target = project.locate(change.path)
        now = target.read_bytes() if target.exists() else None
    except OutsideError as error:
        raise ApplicationError(f"{error} Nothing was changed.") from error
    if target != change.target or now != change.before:
        raise ApplicationError(f"{change.path} was changed meanwhile. Nothing was written; apply again.")


def _make_folders(folder: Path, undo: list[Callable[[], object]]) -> None:
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir()
        undo.append(one.rmdir)


def _new_mode(change: Change) -> int:
    if change.before is not None:
        mode = change.target.stat().st_mode & 0o7777
        return mode | (mode & 0o444) >> 2 if change.executable and not mode & EXECUTE else mode
    umask = os.umask(0)
    os.umask(umask)
    return (0o777 if change.executable else 0o666) & ~umask


def _prepare(change: Change, undo: list[Callable[[], object]]) -> Path:
    """Write a file's new content beside it; return where."""
    _make_folders(change.target.parent, undo)
    handle, name = tempfile.mkstemp(dir=change.target.parent, prefix=PREFIX)
    prepared = Path(name)
    undo.append(lambda: prepared.unlink(missing_ok=True))
    with os.fdopen(handle, "wb") as file:
        file.write(change.after)
        file.flush()
        os.fsync(file.fileno())
    if change.before is not None:
        owner = change.target.stat()
        with contextlib.suppress(PermissionError):
            os.chown(prepared, owner.st_uid, owner.st_gid)
    prepared.chmod(_new_mode(change))  # after chown, which clears bits
    return prepared


def _keep(target: Path, undo: list[Callable[[], object]]) -> Path:
    """Keep a file's old content beside it, so that putting it back needs no room and no luck."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=PREFIX)
    os.close(handle)
    kept = Path(name)
    undo.append(lambda: kept.unlink(missing_ok=True))
    shutil.copy2(target, kept)
    with contextlib.suppress(PermissionError):
        os.chown(kept, target.stat().st_uid, target.stat().st_gid)
    return kept


def _undo_all(undo: list[Callable[[], object]]) -> list[str]:
    complaints = []
    for action in reversed(undo):
        try:
            action()
        except OSError as error:
            complaints.append(str(error))
    return complaints


def write_changes(changes: Sequence[Change], project: Project) -> None:
    """Write every change, or none.

    New content is written beside each file first; only when all of it is on the disk does it take the files' places.
    If anything fails on the way, an interrupt included, every file is put back and every new folder removed.

    :raises ApplicationError: if a change cannot be written; the project is as it was.
    """
    undo: list[Callable[[], object]] = []
    kept: list[Path] = []
    try:
        for change in changes:
            _check(change, project)
        prepared = [_prepare(change, undo) for change in changes]
        for change, new in zip(changes, prepared, strict=True):
            _check(change, project)
            if change.before is None:
                undo.append(lambda target=change.target: target.unlink(missing_ok=True))
            else:
                old = _keep(change.target, undo)
                kept.append(old)
                undo.append(lambda old=old, target=change.target: old.replace(target))
            new.replace(change.target)
    except BaseException as error:
        complaints = _undo_all(undo)
        if complaints:
            listed = "\n".join(f"    {complaint}" for complaint in complaints)
            left = f"Not everything could be put back:\n{listed}\nLook for files named {PREFIX}* beside the ones above."
        else:
            left = "Everything was put back as it was."
        if isinstance(error, OSError):
            raise ApplicationError(f"The changes could not be written: {error}. {left}") from error
        if complaints and isinstance(error, ApplicationError):
            raise ApplicationError(f"{error} {left}") from error
        raise
    for path in kept:
        path.unlink(missing_ok=True)
