"""Apply: carries a recipe onto a Django project of the reader's own, all of it or nothing."""

import difflib
from pathlib import Path
from typing import Annotated

import typer

from ..application.exclusion import find_rival
from ..application.plan import Conflict, Plan, make_plan
from ..application.problem import ApplicationError
from ..application.project import Project, open_project
from ..application.writing import write_changes
from ..recipe.manifest import Inventory, Manifest
from ..recipe.problem import RecipeError
from ..recipe.repository import Repository
from ..recipe.variant import describe, fits, parse_choice
from ..runner.services.errors import ServiceError
from ..runner.services.needs import read_needs
from .inventory import refresh
from .options import InventoryOption, JsonOption, RepositoryOption, VariantOption, find_repository
from .output import FAILED, fail, note, print_diff, print_json, say

SHOWN_LINES = 20


def choose_recipe(inventory: Inventory, slug: str) -> list[Manifest]:
    """Return the manifests of a recipe.

    :raises typer.Exit: with 2 if there is no such recipe; close names and all that there are get listed.
    """
    if manifests := inventory.select(slug):
        return manifests
    slugs = sorted({manifest.slug for manifest in inventory.manifests})
    close = difflib.get_close_matches(slug, slugs)
    hint = f"Did you mean {' or '.join(close)}? " if close else ""
    known = "\n".join(f"    {one}" for one in slugs) or "    (none)"
    fail(f"There is no recipe {slug!r}. {hint}These there are:\n{known}")


def choose_variant(manifests: list[Manifest], texts: list[str]) -> Manifest:
    """Return the one manifest that a choice of tabs leaves.

    :param manifests: all of one recipe.
    :param texts: what ``--variant`` was given, each ``family=label``, several parted by commas.
    :raises typer.Exit: with 2 if the choice is none of the recipe's, or leaves several; they are listed.
    """
    slug = manifests[0].slug
    choices = "\n".join(f"    --variant {describe(one.variant)}" for one in manifests if one.variant)
    choice = {}
    for text in texts:
        try:
            choice |= parse_choice(text)
        except ValueError as error:
            fail(str(error))
    if not choices and choice:
        fail(f"The recipe {slug} has no variants. Leave out --variant.")
    left = [manifest for manifest in manifests if fits(choice, manifest.variant)]
    if not left:
        fail(f"The recipe {slug} has no variant {describe(choice)}. Choose one of:\n{choices}")
    if len(left) > 1:
        told = f"{describe(choice)} leaves several" if choice else "none was chosen"
        remaining = "\n".join(f"    --variant {describe(one.variant)}" for one in left)
        fail(f"The recipe {slug} has variants, and {told}. Choose one of:\n{remaining}")
    return left[0]


def _shorten(lines: tuple[str, ...]) -> str:
    shown = [f"      | {line}" for line in lines[:SHOWN_LINES]] or ["      (nothing)"]
    more = [f"      | … {len(lines) - SHOWN_LINES} more lines"] if len(lines) > SHOWN_LINES else []
    return "\n".join(shown + more)


def explain_conflict(conflict: Conflict) -> str:
    """Return what people need to put one conflict right: where, both sides, and what to do."""
    where = conflict.path if conflict.line is None else f"{conflict.path}:{conflict.line}"
    lines = [f"{where}: {conflict.found}"]
    if conflict.yours or conflict.recipe:
        lines += ["    yours:", _shorten(conflict.yours), "    the recipe's:", _shorten(conflict.recipe)]
    lines += [f"    What to do: {conflict.instead}", f"    The recipe's steps: {', '.join(conflict.steps)}"]
    return "\n".join(lines)


def _list_servers(repository: Repository, manifest: Manifest) -> list[str]:
    try:
        needs = read_needs(repository.conf)
    except ServiceError:
        return list(manifest.needs)
    return [needs[name].label if name in needs else name for name in manifest.needs]


def _describe_plan(plan: Plan) -> dict[str, object]:
    changes = [{"path": one.path, "action": one.action, "diff": one.diff} for one in plan.changes]
    return {
        "slug": plan.manifest.slug,
        "variant": plan.manifest.variant,
        "package": plan.package,
        "changes": changes,
        "conflicts": plan.conflicts,
        "commands": [command.text for command in plan.commands],
    }


def _print_rest(repository: Repository, plan: Plan) -> None:
    if servers := _list_servers(repository, plan.manifest):
        say(f"\nIt needs: {', '.join(servers)}.")
    if plan.commands:
        say("\nLeft to run, in this order (the page says what each does, and what it prints):")
    section = ""
    for command in plan.commands:
        if command.section != section:
            section = command.section
            say(f"  {section}:")
        say("    " + command.text.replace("\n", "\n    "))
    say(f"\nThe recipe: {repository.find_address(plan.manifest.page)}")


def _carry_out(plan: Plan, project: Project, force: bool) -> None:
    """Write the plan's changes.

    :raises typer.Exit: with 2 if git could not take them back and nothing forces it; with 1 if writing fails.
    """
    if not force and (dirt := project.explain_dirt()):
        fail(f"{dirt}\nNothing was changed. Commit first, so that `git diff` shows only the recipe; or add --force.")
    try:
        write_changes(plan.pending, project)
    except ApplicationError as error:
        fail(str(error), FAILED)


def apply_recipe(
    slug: Annotated[str, typer.Argument(metavar="RECIPE", help="A recipe's name; `cookbook list` shows them.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Your project: the folder that holds manage.py.")],
    variant: VariantOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Write even though git could not take the changes back.")
    ] = False,
    repository: RepositoryOption = None,
    inventory: InventoryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Carry a recipe onto your own Django project, under its own package name: all of it, or nothing.

    Changes of your own are kept: they are merged with the recipe's. Where both change the same lines nothing is
    written at all, and each conflict is explained. Commands are not run; those left to run are printed.
    """
    found = find_repository(repository)
    try:
        project = open_project(path)
        recipes = refresh(found, inventory)
        manifest = choose_variant(choose_recipe(recipes, slug), variant or [])
        if manifest.workspace != "project":
            told = f"The recipe {slug} is about a checkout of this repository, not about a project of yours."
            fail(f"{told} Follow its page: {manifest.page}")
        plan = make_plan(manifest, found.reference, project)
        wanted = plan.pending or plan.conflicts
        if wanted and (rival := find_rival(manifest, recipes.manifests, found.reference, project)):
            told = f"{rival.id} has been applied to this project, and {slug} does the same in another way."
            fail(f"{told} Take that back first: git revert the commit that holds it.\nNothing was changed.")
    except (ApplicationError, RecipeError) as error:
        fail(f"{error}\nNothing was changed.")
    if not plan.conflicts and plan.pending and not dry_run:
        _carry_out(plan, project, force)
    if as_json:
        print_json(_describe_plan(plan))
    elif not plan.conflicts:
        _report(found, plan, project, dry_run)
    if plan.conflicts:
        for conflict in [] if as_json else plan.conflicts:
            note(explain_conflict(conflict) + "\n")
        count = "1 conflict" if len(plan.conflicts) == 1 else f"{len(plan.conflicts)} conflicts"
        fail(f"{count}. Nothing was changed.", FAILED)


def _report(repository: Repository, plan: Plan, project: Project, dry_run: bool) -> None:
    for change in plan.pending:
        print_diff(change.diff)
    name = plan.manifest.id
    if not plan.changes:
        say(f"{name} changes no file: these commands are all of it.")
    elif not plan.pending:
        say(f"{name} is already applied to {project.root}: nothing to do.")
    else:
        count = "1 file" if len(plan.pending) == 1 else f"{len(plan.pending)} files"
        done = f"Dry run: nothing was changed; {count} would be" if dry_run else f"Applied {name}: {count} written"
        kept = len(plan.changes) - len(plan.pending)
        already = f", {kept} had what the recipe makes of it already" if kept else ""
        say(f"\n{done}{already}. The package is {plan.package}.")
        if dry_run and (dirt := project.explain_dirt()):
            say(f"Without --dry-run this would be refused, unless with --force: {dirt}")
    _print_rest(repository, plan)
