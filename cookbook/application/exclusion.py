"""Exclusion: a recipe that does what another does in another way must not follow it."""

from collections.abc import Iterable
from pathlib import Path

from ..recipe.manifest import Manifest
from .plan import make_plan
from .project import Project


def find_rival(manifest: Manifest, manifests: Iterable[Manifest], reference: Path, project: Project) -> Manifest | None:
    """Return a recipe that a project has already, and that excludes the one to be applied.

    :param manifest: the recipe to be applied; the page of either recipe may name the other.
    :param manifests: all recipes.
    :param reference: the reference project.
    :param project: the reader's.
    """
    for other in manifests:
        if other.slug in manifest.excludes or manifest.slug in other.excludes:
            plan = make_plan(other, reference, project)
            if plan.changes and not plan.pending and not plan.conflicts:
                return other
    return None
