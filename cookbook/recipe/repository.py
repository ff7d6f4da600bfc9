"""Repository: where things lie, and the engine's settings from ``conf/cookbook.toml``."""

import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from .. import __version__
from .digest import digest_base, digest_tree
from .manifest import Manifest
from .variant import TabFamilies, read_families

SETTINGS = Path("conf") / "cookbook.toml"


@dataclass(frozen=True)
class Check:
    """A command that every recipe must pass after its steps.

    :param command: for a recipe's first variant.
    :param smoke: for each further variant; the same if it is None.
    :param step: a pattern of commands on a page that run the same as ``command``: where one of them has passed and
        nothing has changed since, it counts.
    """

    name: str
    command: str
    smoke: str | None = None
    step: str | None = None


@dataclass(frozen=True)
class Repository:
    """A checkout of this project.

    :param root: its top folder.
    :param reference: the project that recipes act on.
    :param docs: the site's source.
    :param site: the address that the site is published at, if it is.
    :param environment: the command that fills a new virtual environment of a workspace.
    :param address: where this repository is cloned from; in a copy of the site, git clones the copy instead.
    :param checks: run after the steps of every recipe.
    """

    root: Path
    reference: Path
    docs: Path
    environment: str | None = None
    checks: tuple[Check, ...] = ()
    families: TabFamilies = field(default_factory=lambda: TabFamilies({}))
    site: str | None = None
    address: str | None = None

    @property
    def conf(self) -> Path:
        """The folder of configuration."""
        return self.root / "conf"

    @property
    def build(self) -> Path:
        """The folder of everything that is made and not committed."""
        return self.root / "build"

    @property
    def cache(self) -> Path:
        """The folder of what is prepared once: ``COOKBOOK_CACHE``, so that a copy of the site finds it too."""
        return Path(os.environ.get("COOKBOOK_CACHE") or self.build / "cache")

    @property
    def inventory(self) -> Path:
        """The folder of manifests."""
        return self.build / "inventory"

    @property
    def evidence(self) -> Path:
        """The folder of evidence."""
        return self.build / "evidence"

    def find_address(self, page: str) -> str:
        """Return where a page can be read: on the published site, else as a file of this checkout.

        :param page: the page, relative to the repository's root.
        """
        source = self.root / page
        if self.site and source.is_relative_to(self.docs):
            return f"{self.site.rstrip('/')}/{source.relative_to(self.docs).with_suffix('.html').as_posix()}"
        return str(source)

    def base_digest(self, manifest: Manifest) -> str:
        """Return what the manifest's first step depends on besides itself."""
        tree = digest_tree(self.reference if manifest.workspace == "project" else self.root)
        return digest_base(tree, digest_tree(self.conf), __version__)


def open_repository(start: Path) -> Repository:
    """Find the repository that a folder lies in.

    :param start: the folder to start from.
    :raises FileNotFoundError: if no folder above holds ``conf/cookbook.toml``.
    """
    start = start.resolve()
    for root in (start, *start.parents):
        if (root / SETTINGS).is_file():
            break
    else:
        raise FileNotFoundError(
            f"No {SETTINGS} in {start} or above it. Run this inside a checkout of django-cookiecutter, "
            "or name one with --repository."
        )
    settings = tomllib.loads((root / SETTINGS).read_text(encoding="utf-8"))
    return Repository(
        root=root,
        reference=root / settings.get("reference", "reference_project"),
        docs=root / settings.get("docs", "docs/source"),
        environment=settings.get("environment"),
        address=settings.get("address"),
        checks=tuple(Check(**check) for check in settings.get("check", ())),
        families=read_families(root / "conf" / "tabs.toml"),
        site=settings.get("site"),
    )
