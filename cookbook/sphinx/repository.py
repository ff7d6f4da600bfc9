"""Finds the repository that a site belongs to."""

from functools import lru_cache
from pathlib import Path

from sphinx.environment import BuildEnvironment

from ..recipe.repository import Repository, open_repository


@lru_cache(maxsize=8)
def _open(folder: str) -> Repository:
    return open_repository(Path(folder))


def find_repository(env: BuildEnvironment) -> Repository:
    """Return the repository: the one that ``cookbook_repository`` names, else the one around the site's source."""
    return _open(env.config.cookbook_repository or str(env.srcdir))
