"""Manifest: one recipe in one variant as the engine runs it; and the blocks that a page shows."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from .variant import Variant, describe

# 2: a block may be an excerpt, with the place that it was taken from.
SCHEMA = 2

Kind = Literal["file", "edit", "run", "background", "log", "stop", "python"]
BlockKind = Literal["step", "excerpt", "sample", "command", "example", "other"]


@dataclass(frozen=True, kw_only=True)
class PythonExample:
    """One piece of a Python step: code, and the output that Sphinx's ``testoutput`` or ``doctest`` shows for it."""

    code: str
    expected: str | None
    flags: dict[str, bool] = field(default_factory=dict)
    doctest: bool = False


@dataclass(frozen=True, kw_only=True)
class Step:
    """One named block of a recipe.

    :param name: stable, unique on its page, and the block's link target.
    :param kind: what running it means.
    :param page: the page, relative to the repository's root.
    :param line: its line there, counted from 1.
    :param text: the block's body, to the letter.
    :param path: the file that a ``file`` or ``edit`` step writes, relative to the project's root.
    :param target: the background step that a ``log`` or ``stop`` step speaks of.
    :param network: ``none`` runs in the manifest's own network; ``host`` on the machine's.
    :param timeout: seconds until the step counts as hung.
    :param section: the page's section that it stands in, below the title; empty if that is not known.
    """

    name: str
    kind: Kind
    page: str
    line: int
    text: str
    path: str | None = None
    executable: bool = False
    target: str | None = None
    network: Literal["none", "host"] = "none"
    timeout: float = 120.0
    examples: tuple[PythonExample, ...] = ()
    tabs: Variant = field(default_factory=dict)
    section: str = ""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """One recipe in one variant: what to run, in page order, and what it needs.

    :param slug: the page's stem.
    :param variant: family → label; empty if the page has no tabs.
    :param needs: names of needs in ``conf/services.toml``.
    :param workspace: ``project`` for a copy of the reference project, ``site`` for one of the whole repository.
    :param environment: variables that it is run with, which the page does not show.
    :param first: True for the recipe's first variant, which runs the project's whole test suite at the end.
    """

    slug: str
    title: str
    page: str
    variant: Variant
    needs: tuple[str, ...]
    steps: tuple[Step, ...]
    workspace: Literal["project", "site"] = "project"
    first: bool = True
    excludes: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    schema: int = SCHEMA

    @property
    def id(self) -> str:
        """The manifest's id: the slug, and the variant in brackets if there is one."""
        return f"{self.slug}[{describe(self.variant)}]" if self.variant else self.slug


@dataclass(frozen=True, kw_only=True)
class Excerpt:
    """Which lines of the reference project a block shows; found by name or marker each time that the page is read.

    :param path: the file, relative to the project's root.
    :param first: the first line, counted from 1.
    :param last: the last one.
    """

    path: str
    first: int
    last: int


@dataclass(frozen=True, kw_only=True)
class Block:
    """A literal block that a reader can see on a page, and the step that it belongs to, if any.

    :param index: its place among the blocks of its page, counted from 0.
    :param reason: for a sample, why it cannot run.
    :param excerpt: for an excerpt, where it was taken from.
    """

    docname: str
    page: str
    line: int
    index: int
    text: str
    language: str
    kind: BlockKind
    step: str | None = None
    slug: str | None = None
    reason: str | None = None
    excerpt: Excerpt | None = None


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """All that the site shows: manifests and blocks."""

    manifests: tuple[Manifest, ...]
    blocks: tuple[Block, ...]
    schema: int = SCHEMA

    def select(self, slug: str | None) -> list[Manifest]:
        """Return the manifests of one recipe, or all of them."""
        return [manifest for manifest in self.manifests if slug in (None, manifest.slug)]


def write_inventory(inventory: Inventory, folder: Path) -> None:
    """Write the inventory as one file a manifest and one for the blocks; files of manifests that are gone go too."""
    manifests = folder / "manifests"
    manifests.mkdir(parents=True, exist_ok=True)
    written = set()
    for manifest in inventory.manifests:
        path = manifests / f"{manifest.id}.json"
        path.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
        written.add(path)
    for path in set(manifests.glob("*.json")) - written:
        path.unlink()
    (folder / "blocks.json").write_bytes(msgspec.json.format(msgspec.json.encode(inventory.blocks), indent=1))


def read_manifest(path: Path) -> Manifest:
    """Read one manifest.

    :raises ValueError: if the file is no manifest of this schema.
    """
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except msgspec.MsgspecError as error:
        raise ValueError(f"{path} is no manifest ({error}). Build the inventory again: cookbook list.") from error
    if manifest.schema != SCHEMA:
        raise ValueError(f"{path} has schema {manifest.schema}, this engine reads {SCHEMA}. Build the inventory again.")
    return manifest


def read_inventory(folder: Path) -> Inventory:
    """Read an inventory that :func:`write_inventory` wrote."""
    manifests = sorted((folder / "manifests").glob("*.json"))
    blocks = msgspec.json.decode((folder / "blocks.json").read_bytes(), type=tuple[Block, ...])
    return Inventory(manifests=tuple(read_manifest(path) for path in manifests), blocks=blocks)
