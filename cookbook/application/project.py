"""Project: the reader's own; what lies in it, whether git could bring it back, and that nothing outside is touched."""

import errno
import os
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .naming import find_package
from .problem import ApplicationError


class OutsideError(Exception):
    """A path that does not lead to an ordinary file inside the project; the message says where it leads."""


def check_relative(path: str) -> PurePosixPath:
    """Return a recipe's path if it can only lie inside a project.

    :raises OutsideError: if it is absolute, climbs out with ``..``, or lies in git's own folder.
    """
    relative = PurePosixPath(path)
    if not relative.parts or relative.is_absolute() or ".." in relative.parts or "\\" in path or "\0" in path:
        raise OutsideError(f"The path {path!r} leads out of the project.")
    if any(part.lower() == ".git" for part in relative.parts):
        raise OutsideError(f"The path {path!r} lies in git's own folder.")
    return relative


@dataclass(frozen=True)
class Project:
    """A Django project that a recipe is carried onto.

    :param root: the folder that holds ``manage.py``, with every link followed.
    :param package: the name of its package.
    """

    root: Path
    package: str

    def locate(self, path: str) -> Path:
        """Return where a path of the project really lies, with every link followed.

        :raises OutsideError: if it, or a link on the way, leads out of the project, or to something that is no file.
        """
        wanted = self.root / check_relative(path)
        circle = f"{path} is a link that leads in a circle."
        try:
            target = wanted.resolve()
        except (OSError, RuntimeError) as error:
            raise OutsideError(circle) from error
        # From Python 3.13 on, resolving stops at such a link without a word; following it strictly does not.
        try:
            wanted.resolve(strict=True)
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise OutsideError(circle) from error
        if not target.is_relative_to(self.root):
            raise OutsideError(f"{path} is, or lies behind, a link to {target}, outside the project.")
        if any(part.lower() == ".git" for part in target.relative_to(self.root).parts):
            raise OutsideError(f"{path} is, or lies behind, a link into git's own folder.")
        if os.path.lexists(target) and not stat.S_ISREG(target.lstat().st_mode):
            raise OutsideError(f"{path} is there, but is no ordinary file.")
        for parent in target.parents:
            if parent == self.root:
                break
            if os.path.lexists(parent) and not parent.is_dir():
                raise OutsideError(f"{parent.relative_to(self.root)} is a file; a folder is needed there.")
        return target

    def explain_dirt(self) -> str | None:
        """Say why git could not bring the project back to what it is now; None if it could."""
        tracked = self._git("ls-files", "--error-unmatch", "--", "manage.py")
        if tracked.returncode != 0:
            complaint = tracked.stderr.strip().splitlines()
            unknown = any("did not match" in line or "not a git repository" in line for line in complaint)
            detail = "" if unknown else f" ({' '.join(complaint)})"
            return f"No git repository holds {self.root}{detail}, so a change could not be taken back."
        status = self._git("status", "--porcelain", "--untracked-files=normal", "--", ".")
        if status.returncode != 0:
            return f"Git cannot tell the state of {self.root}: {status.stderr.strip()}"
        if lines := status.stdout.splitlines():
            shown = "\n".join(f"    {line}" for line in lines[:10])
            more = f"\n    … and {len(lines) - 10} more" if len(lines) > 10 else ""
            return f"{self.root} has changes that are not committed:\n{shown}{more}"
        return None

    def _git(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        # Inside a git hook these variables would point git at another repository.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        return subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            env={**environment, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )


def open_project(path: Path) -> Project:
    """Open the reader's project.

    :param path: the folder that holds ``manage.py``.
    :raises ApplicationError: if it is no Django project whose package can be found.
    """
    try:
        root = path.resolve()
    except (OSError, RuntimeError) as error:
        raise ApplicationError(f"{path} cannot be followed: {error}") from error
    return Project(root, find_package(root))
