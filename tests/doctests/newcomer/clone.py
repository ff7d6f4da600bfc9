"""Makes a clean clone of the repository, with what lies uncommitted in the working tree."""

import shutil
import subprocess
from pathlib import Path


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"`git {' '.join(arguments)}` failed in {folder}:\n{done.stderr}"
    return done.stdout


# These run again wherever somebody new starts: between them they use every kind of step, and every server.
PROVEN_ANEW = ("change_the_database", "customize_api_errors", "replace_redis_with_rabbitmq")


def lend_evidence(root: Path, target: Path) -> None:
    """Spare a clone the recipes that passed on this commit a moment ago, apart from ``PROVEN_ANEW``.

    Where there is no evidence, or it is of other files, the clone runs them itself: its own check of what changed says
    so. Those that ask for servers which the newcomer's machine lacks are not lent, as their pages must say "not run".
    """
    evidence = target / "build" / "evidence"
    for path in (root / "build" / "evidence").glob("*.json"):
        slug, _, variant = path.stem.partition("[")
        if slug not in (*PROVEN_ANEW, "commands") and "MariaDB" not in variant:
            evidence.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, evidence)


def clone_repository(root: Path, target: Path) -> Path:
    """Clone a repository as a newcomer would; with changes that are not committed, so that they are what is tested.

    Nothing that git ignores comes along: no environment, no evidence.

    :returns: the clone.
    """
    _git(root, "clone", "--quiet", str(root), str(target))
    changed = _git(root, "ls-files", "-z", "--modified", "--others", "--exclude-standard").split("\0")
    changed += _git(root, "diff", "--cached", "--name-only", "-z", "HEAD").split("\0")
    for name in filter(None, set(changed)):
        source, copy = root / name, target / name
        if source.is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy, follow_symlinks=False)
        else:
            copy.unlink(missing_ok=True)
    return target
