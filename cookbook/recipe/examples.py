"""Examples: the Python that docstrings and reference pages show, and the run that executed it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .commands import CommandEvidence, read_commands
from .digest import digest_tree
from .records import read_record, write_record
from .repository import Repository

FILE = "examples.json"


@dataclass(frozen=True, kw_only=True)
class _ExampleFile:
    tree: str = ""
    examples: tuple[CommandEvidence, ...] = ()


def digest_sources(repository: Repository) -> str:
    """Return a digest of all that an example's outcome depends on: the reference project, and the site's pages."""
    return f"{digest_tree(repository.reference)} {digest_tree(repository.docs)}"


def write_examples(folder: Path, tree: str, examples: Iterable[CommandEvidence]) -> None:
    """Write down how every example ended; the run before is forgotten.

    :param folder: the folder of evidence.
    :param tree: what :func:`digest_sources` returns.
    :param examples: one record a block, whose ``command`` is the block's text.
    """
    write_record(folder / FILE, _ExampleFile(tree=tree, examples=tuple(examples)))


def read_examples(folder: Path, tree: str) -> tuple[CommandEvidence, ...]:
    """Read how examples ended; what ran on other sources is no evidence, nor is an unreadable file.

    :param folder: the folder of evidence.
    :param tree: what :func:`digest_sources` returns now.
    """
    found = read_record(folder / FILE, _ExampleFile)
    return found.examples if found and found.tree == tree else ()


def read_records(repository: Repository) -> tuple[CommandEvidence, ...]:
    """Read what tests have recorded of commands, and of examples on the sources as they are now."""
    return read_commands(repository.evidence) + read_examples(repository.evidence, digest_sources(repository))
