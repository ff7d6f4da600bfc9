"""Spares: used environments, put back into the state of the prepared one instead of being made and removed each time.

An environment has ten thousand files. Comparing two trees by names and inodes takes a tenth of a second, linking and
removing one ten times as long on a busy disk.
"""

import contextlib
import os
import secrets
import shutil
from pathlib import Path

MOST = 4


def link(source: str, target: str) -> None:
    """Make a hard link, or a copy where the file systems differ."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def _copy(source: str, target: str) -> None:
    if os.path.isdir(source) and not os.path.islink(source):  # noqa: PTH112, PTH114 - ten thousand times
        shutil.copytree(source, target, symlinks=True, copy_function=link)
    else:
        link(source, target)


def _equal(one: os.DirEntry[str], two: os.DirEntry[str]) -> bool:
    if one.is_dir(follow_symlinks=False) or two.is_dir(follow_symlinks=False):
        return one.is_dir(follow_symlinks=False) and two.is_dir(follow_symlinks=False)
    return one.inode() == two.inode()  # links to the same file


def restore(used: str, prepared: str) -> None:
    """Make one tree equal another again: what was added goes, what was removed or replaced is linked anew."""
    with os.scandir(prepared) as entries:
        wanted = {entry.name: entry for entry in entries}
    with os.scandir(used) as entries:
        found = {entry.name: entry for entry in entries}
    for name, entry in list(found.items()):
        if name in wanted and _equal(wanted[name], entry):
            continue
        del found[name]
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        else:
            Path(entry.path).unlink()
    for name, entry in wanted.items():
        target = f"{used}/{name}"
        if name not in found:
            _copy(entry.path, target)
        elif entry.is_dir(follow_symlinks=False):
            restore(target, entry.path)


def _list(prepared: Path) -> list[Path]:
    return list(prepared.parent.glob(f".spare-{prepared.name}-*"))


def take(prepared: Path, target: Path) -> None:
    """Make a copy of a prepared environment, out of a spare one if there is one.

    :param target: where it goes; nothing is there yet.
    """
    for spare in _list(prepared):
        try:
            spare.rename(target)  # only one process gets it
        except OSError:
            continue
        restore(str(target), str(prepared))
        return
    _copy(str(prepared), str(target))


def give_back(prepared: Path, used: Path) -> None:
    """Keep an environment that nothing uses any more as a spare one."""
    if len(_list(prepared)) < MOST:
        with contextlib.suppress(OSError):  # on another file system it is removed with its workspace
            used.rename(prepared.parent / f".spare-{prepared.name}-{secrets.token_hex(4)}")
