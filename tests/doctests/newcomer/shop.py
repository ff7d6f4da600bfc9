"""Makes somebody's own project: a copy of the reference project under another name, committed to git."""

import hashlib
import subprocess
from pathlib import Path

from cookbook.application.naming import find_package, make_renamer
from cookbook.runner.workspace import copy_project

from .documents import REPOSITORY

PACKAGE = "shop"


def git(project: Path, *arguments: str) -> str:
    """Run git in a project and return what it printed."""
    person = ["-c", "user.name=Reader", "-c", "user.email=reader@example.org", "-c", "init.defaultBranch=main"]
    command = ["git", *person, *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=True).stdout


def make_shop(target: Path) -> Path:
    """Copy the reference project, rename its package in paths and contents, and commit it."""
    copy_project(REPOSITORY.reference, target)
    rename = make_renamer(find_package(target), PACKAGE)
    for path in sorted(target.rglob("*"), reverse=True):  # what lies deepest first: a renamed folder takes it along
        if path.is_file():
            path.write_text(rename(path.read_text(encoding="utf-8")), encoding="utf-8")
        if (name := rename(path.name)) != path.name:
            path.rename(path.with_name(name))
    git(target, "init", "--quiet")
    git(target, "add", "--all")
    git(target, "commit", "--quiet", "--message", "The shop")
    return target


def digest_outside(folder: Path, project: Path) -> dict[str, str]:
    """Return a digest of every file below a folder that lies neither in a project nor in what a build makes."""
    found = {}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_relative_to(project) or path.is_symlink() or not path.is_file():
            continue
        if {"build", "__pycache__", ".venv", ".tox"} & set(parts):
            continue
        found["/".join(parts)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found
