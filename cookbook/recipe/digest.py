"""Digests: one number for everything that a step's outcome depends on, so that a change is seen."""

import hashlib
import subprocess
from functools import lru_cache
from pathlib import Path

import msgspec

from .manifest import Manifest, Step

# What a copy of the repository without git leaves out; with git, .gitignore says it.
IGNORED = {".git", ".venv", ".uv", ".tox", "build", "__pycache__", ".pytest_cache", ".ruff_cache", ".mypy_cache"}


def list_files(folder: Path) -> list[Path]:
    """Return the files of a tree that belong to the project, as they are in the working tree, sorted.

    Files that git ignores are left out; files that git does not know yet count.
    """
    listing = subprocess.run(
        ["git", "-C", str(folder), "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "."],
        capture_output=True,
        check=False,
    )
    if listing.returncode == 0 and listing.stdout:
        names = [name for name in listing.stdout.decode().split("\0") if name]
        paths = [folder / name for name in names]
    else:
        paths = [path for path in folder.rglob("*") if not IGNORED & set(path.relative_to(folder).parts)]
    return sorted({path for path in paths if path.is_file() or path.is_symlink()})


def digest_tree(folder: Path) -> str:
    """Return the digest of a tree: names, modes and contents of its files."""
    total = hashlib.sha256()
    for path in list_files(folder):
        executable = b"x" if path.stat().st_mode & 0o100 else b"-"
        content = hashlib.sha256(path.read_bytes()).digest()
        total.update(str(path.relative_to(folder)).encode() + b"\0" + executable + content)
    return total.hexdigest()


@lru_cache(maxsize=8)
def digest_base(tree: str, conf: str, engine: str) -> str:
    """Return what all steps of a workspace start from: the project's tree with its lock, ``conf/``, the engine."""
    return hashlib.sha256(f"{tree} {conf} {engine}".encode()).hexdigest()


def _step_content(step: Step) -> bytes:
    # Line and section are where a step stands, not what it does: moving a paragraph makes no evidence stale.
    content = msgspec.to_builtins(step)
    del content["line"], content["section"]
    return msgspec.json.encode(content, order="sorted")


def chain_steps(manifest: Manifest, base: str) -> dict[str, str]:
    """Return the digest of each step by name; each holds that of the step before it."""
    head = msgspec.json.encode([manifest.slug, manifest.variant, manifest.needs, manifest.workspace, manifest.first])
    current = hashlib.sha256(base.encode() + head).hexdigest()
    digests = {}
    for step in manifest.steps:
        current = hashlib.sha256(current.encode() + _step_content(step)).hexdigest()
        digests[step.name] = current
    return digests


def digest_manifest(manifest: Manifest, base: str) -> str:
    """Return the digest of a whole manifest: that of its last step."""
    digests = chain_steps(manifest, base)
    return digests[manifest.steps[-1].name] if digests else base
