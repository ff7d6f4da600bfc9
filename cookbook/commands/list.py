"""List: every recipe, its variants, what it needs, and what its evidence says."""

from typing import Any

from rich.text import Text

from ..recipe.coverage import digest_steps, judge_manifest
from ..recipe.evidence import Status, read_evidence, worst
from ..recipe.manifest import Inventory, Manifest
from ..recipe.repository import Repository
from ..recipe.variant import describe
from .inventory import refresh
from .options import InventoryOption, JsonOption, RepositoryOption, find_repository
from .output import note, print_json, print_table

STATUS_STYLES: dict[Status, str] = {
    "verified": "green",
    "failed": "bold red",
    "blocked": "bold red",
    "stale": "yellow",
    "not_run": "yellow",
    "unverified": "yellow",
}


def group_recipes(inventory: Inventory) -> dict[str, list[Manifest]]:
    """Return the manifests by recipe, recipes in alphabetical order, each recipe's first variant first."""
    slugs = sorted({manifest.slug for manifest in inventory.manifests})
    return {slug: sorted(inventory.select(slug), key=lambda one: (not one.first, one.id)) for slug in slugs}


def describe_recipe(manifests: list[Manifest]) -> dict[str, Any]:
    """Return what ``cookbook list --json`` says of one recipe; a page without tabs has one empty variant.

    :param manifests: all of the recipe, one a variant.
    """
    return {
        "slug": manifests[0].slug,
        "title": manifests[0].title,
        "variants": [manifest.variant for manifest in manifests],
        "needs": sorted({need for manifest in manifests for need in manifest.needs}),
        "steps": len({step.name for manifest in manifests for step in manifest.steps}),
        "ids": [manifest.id for manifest in manifests],
    }


def judge_recipes(repository: Repository, recipes: dict[str, list[Manifest]]) -> dict[str, Status]:
    """Return the status of every recipe: the worst of its variants."""
    evidence = read_evidence(repository.evidence)
    everything = [manifest for manifests in recipes.values() for manifest in manifests]
    digests = digest_steps(repository, everything)
    return {
        slug: worst([judge_manifest(one, evidence.get(one.id), digests[one.id]) for one in manifests])
        for slug, manifests in recipes.items()
    }


def list_recipes(
    repository: RepositoryOption = None, inventory: InventoryOption = None, as_json: JsonOption = False
) -> None:
    """List the recipes: variants, needs, steps, and what their last runs proved."""
    found = find_repository(repository)
    recipes = group_recipes(refresh(found, inventory))
    if as_json:
        print_json([describe_recipe(manifests) for manifests in recipes.values()])
        return
    if not recipes:
        note(f"No recipe was found. Recipes are pages in {found.docs / 'how_to'} that have steps.")
        return
    statuses = judge_recipes(found, recipes)
    rows = []
    for slug, manifests in recipes.items():
        told = describe_recipe(manifests)
        status = statuses[slug]
        rows.append(
            [
                slug,
                told["title"],
                " · ".join(describe(variant) for variant in told["variants"] if variant) or "–",
                ", ".join(told["needs"]) or "–",
                str(told["steps"]),
                Text(status.replace("_", " "), style=STATUS_STYLES[status]),
            ]
        )
    print_table(["recipe", "title", "variants", "needs", "steps", "status"], rows)
