"""Inventory: brings it up to date with the pages, by Sphinx in a process of its own, and reads it."""

import fcntl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from ..recipe.digest import digest_tree
from ..recipe.manifest import Inventory, read_inventory
from ..recipe.problem import Problem
from ..recipe.repository import Repository
from .output import fail, open_console

SHOWN_LINES = 20
ENGINE = Path(__file__).parents[1]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with open_console(stderr=True).status("Waiting for another cookbook to finish with the pages…"):
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield  # closing the file releases the lock


def _stamp(path: Path) -> int | None:
    return path.stat().st_mtime_ns if path.exists() else None


def _read_problems(path: Path) -> tuple[Problem, ...]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[Problem, ...])
    except FileNotFoundError:
        return ()
    except msgspec.MsgspecError as error:
        fail(f"{path} cannot be read ({error}). Remove {path.parent.parent} and try again.")


def _build(repository: Repository) -> None:
    """Run Sphinx; report mistakes of the pages, or its own failure, and give up."""
    problems_file = repository.inventory / "problems.json"
    before = _stamp(problems_file)
    command = [sys.executable, "-m", "sphinx", "-b", "inventory", "-q"]
    folders = [repository.build / "doctrees", repository.docs, repository.inventory]
    with open_console(stderr=True).status("Reading the pages…"):
        done = subprocess.run(
            [*command, "-d", *map(str, folders)],
            cwd=repository.root,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    # When Sphinx broke down it may not have come to write the file: then an old one speaks of an old state.
    written = done.returncode == 0 or _stamp(problems_file) != before
    if problems := _read_problems(problems_file) if written else ():
        count = "1 mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
        fail("\n".join([*map(str, problems), f"{count} on the pages; nothing was run or changed."]))
    if done.returncode != 0:
        lines = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        shown = "\n".join(lines[-SHOWN_LINES:]) or "(it printed nothing)"
        fail(f"Sphinx could not read the pages in {repository.docs} (exit status {done.returncode}):\n{shown}")


def _digest(repository: Repository) -> str:
    """Return the digest of all that an inventory can be made from: pages show files from anywhere."""
    return " ".join([sys.executable, digest_tree(ENGINE), digest_tree(repository.root)])


def load(folder: Path) -> Inventory:
    """Read an inventory that lies ready.

    :raises typer.Exit: with 2 if there is none, or it is of another schema.
    """
    try:
        return read_inventory(folder)
    except FileNotFoundError as error:
        fail(f"{error.filename} is not there; expected an inventory in {folder}. Build it: cookbook list")
    except (ValueError, OSError) as error:
        fail(f"The inventory in {folder} cannot be read: {error}")


def refresh(repository: Repository, ready: Path | None = None) -> Inventory:
    """Bring the inventory up to date with the pages and return it.

    Sphinx is started only if a file of the repository has changed. Calls at the same time wait for each other.

    :param ready: a folder with an inventory that is to be read as it is.
    :raises typer.Exit: with 2 if a page has a mistake (each is printed with page and line) or Sphinx fails.
    """
    if ready is not None:
        return load(ready)
    with _locked(repository.build / "inventory.lock"):
        made_from = repository.build / "inventory.sources"
        sources = _digest(repository)
        if not made_from.is_file() or made_from.read_text() != f"{sources} {digest_tree(repository.inventory)}":
            made_from.unlink(missing_ok=True)
            _build(repository)
            made_from.write_text(f"{sources} {digest_tree(repository.inventory)}")
        return load(repository.inventory)
