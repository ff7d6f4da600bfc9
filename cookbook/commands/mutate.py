"""Mutate: changes recipes line by line and reports the lines whose change nothing notices."""

import itertools
import os
import random
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ..recipe.manifest import Manifest
from ..recipe.repository import Repository
from ..runner.mutants import Mutant, count_untouched, locate
from ..runner.mutation import BaselineError, Mutation, Survivor, Verdict, collect_mutants, read_survivors
from ..runner.session import Session
from .inventory import refresh
from .options import InventoryOption, JsonOption, RepositoryOption, VariantOption, find_repository
from .output import FAILED, fail, note, open_console, print_json, say
from .selection import choose_manifests

LOGGED_EVERY = 10
Mutants = list[tuple[Mutant, list[Manifest]]]


def describe_survivor(verdict: Verdict, repository: Repository, accepted: Sequence[Survivor]) -> dict[str, Any]:
    """Return what ``--json`` says of a line whose change nothing noticed; with the reason, if it is accepted."""
    mutant = verdict.mutant
    told = {
        "page": mutant.step.page,
        "line": locate(mutant, repository.root),
        "step": mutant.step.name,
        "text": mutant.text.strip(),
        "change": mutant.change,
    }
    reason = next((row.reason for row in accepted if row.covers(mutant)), None)
    return told | ({"reason": reason} if reason else {})


def leave_out_missing(repository: Repository, manifests: Sequence[Manifest]) -> list[Manifest]:
    """Return the manifests that this machine can run; the others are named with what they lack.

    :raises typer.Exit: if none is left.
    """
    runnable = []
    for manifest in manifests:
        if missing := Session(repository, manifest).find_missing():
            note(f"left out: {manifest.id}. {missing}")
        else:
            runnable.append(manifest)
    if not runnable:
        fail("Nothing is left to change: this machine can run none of these variants.", FAILED)
    return runnable


def choose_steps(mutants: Mutants, names: list[str] | None) -> Mutants:
    """Return the changes of the named steps; all, if none is named.

    :raises typer.Exit: if a name is no step's.
    """
    known = {mutant.step.name for mutant, _ in mutants}
    if unknown := [name for name in names or () if name not in known]:
        fail(f"No step of the chosen recipes is called {unknown[0]!r}. They are: {', '.join(sorted(known))}.")
    return [one for one in mutants if not names or one[0].step.name in names]


def count(verdicts: Sequence[Verdict], survived: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the numbers that ``--json`` gives, for all recipes or for one."""
    killed = sum(verdict.killed_by is not None for verdict in verdicts)
    score = round(killed / len(verdicts), 4) if verdicts else 1.0
    return {"mutants": len(verdicts), "killed": killed, "survived": survived, "score": score}


def print_report(told: dict[str, Any], untouched: int) -> None:
    """Print the survivors and the score."""
    for one in told["survived"]:
        say(f"{one['page']}:{one['line']}: {one['change']}: {one['text']}")
        say(f"    {'accepted: ' + one['reason'] if 'reason' in one else 'nothing noticed'}")
    for slug, numbers in told["recipes"].items():
        say(f"{slug}: {numbers['killed']} of {numbers['mutants']} noticed ({numbers['score']:.0%})")
    say(
        f"{told['killed']} of {told['mutants']} changes noticed ({told['score']:.0%}); "
        f"{told['judged']} of them by comparison with the recipe's own output, the rest by running it. "
        f"{untouched} context and header lines of diffs are no content and were left alone."
    )


def mutate_recipes(
    slug: Annotated[str | None, typer.Argument(metavar="[SLUG]", help="The recipe; without it, all.")] = None,
    variant: VariantOption = None,
    step: Annotated[
        list[str] | None, typer.Option("--step", metavar="NAME", help="Change this step only. Several: repeat it.")
    ] = None,
    sample: Annotated[
        int | None, typer.Option("--sample", min=1, metavar="N", help="Try N of the changes only, chosen at random.")
    ] = None,
    available: Annotated[
        bool, typer.Option("--available", help="Leave out, visibly, variants whose servers this machine lacks.")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", help="Another seed chooses another sample.")] = 0,
    jobs: Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="How many run at a time.")] = None,
    repository: RepositoryOption = None,
    inventory: InventoryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Leave out or change each line of the recipes, one at a time, and report what nothing notices."""
    found = find_repository(repository)
    chosen = choose_manifests(refresh(found, inventory).manifests, slug, variant)
    if available:
        chosen = leave_out_missing(found, chosen)
    mutants = choose_steps(collect_mutants(chosen), step)
    if sample is not None and sample < len(mutants):
        picked = sorted(random.Random(seed).sample(range(len(mutants)), sample))  # noqa: S311 - no secret
        mutants = [mutants[index] for index in picked]
    accepted = read_survivors(found.conf)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=open_console(stderr=True)) as progress:
        task = progress.add_task("Running the recipes as they stand…", total=len(mutants))
        counted = itertools.count(1)

        def report(verdict: Verdict) -> None:
            progress.update(task, advance=1, description="Changing one line at a time…")
            # A bar is drawn on terminals only; a log gets a line now and then.
            if (done := next(counted)) % LOGGED_EVERY == 0 and not progress.console.is_terminal:
                progress.console.print(f"{done} of {len(mutants)} changes judged", markup=False)
            if verdict.killed_by is None:
                mutant = verdict.mutant
                place = f"{mutant.step.page}:{locate(mutant, found.root)}"
                progress.console.print(
                    f"nothing noticed: {place}: {mutant.change}: {mutant.text.strip()}", markup=False
                )

        try:
            verdicts = Mutation(found, jobs or os.cpu_count() or 1, report).run(mutants)
        except BaselineError as error:
            fail(str(error), FAILED)
    recipes: dict[str, list[Verdict]] = {}
    for (_, holders), verdict in zip(mutants, verdicts, strict=True):
        recipes.setdefault(holders[0].slug, []).append(verdict)
    survived = {
        name: [describe_survivor(one, found, accepted) for one in those if one.killed_by is None]
        for name, those in recipes.items()
    }
    told = count(verdicts, [one for those in survived.values() for one in those])
    told["judged"] = sum(not verdict.ran for verdict in verdicts)
    told["recipes"] = {name: count(those, survived[name]) for name, those in recipes.items()}
    lost = [] if sample or step else [row for row in accepted if not any(row.covers(one.mutant) for one in verdicts)]
    if not slug:
        for row in lost:
            note(f"conf/survivors.toml speaks of {row.line!r} in {row.step}, which is no line of a recipe. Remove it.")
    if as_json:
        print_json(told)
    else:
        steps = {step.name: step for _, holders in mutants for step in holders[0].steps}
        print_report(told, sum(map(count_untouched, steps.values())))
    if any("reason" not in one for one in told["survived"]):
        raise typer.Exit(FAILED)
