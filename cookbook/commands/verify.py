"""Verify: executes recipes, each variant in a workspace of its own, and keeps the evidence that pages show."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from ..recipe.evidence import Evidence, find_uneven, read_evidence
from ..recipe.manifest import Manifest
from ..recipe.repository import Repository
from .inventory import refresh
from .options import InventoryOption, JsonOption, RepositoryOption, VariantOption, find_repository
from .output import FAILED, note, open_console, print_json, print_table, say
from .selection import choose_manifests, leave_out_slow, order_by_length, part_unchanged
from .update import refuse_in_ci, update_pages

STYLES = {"passed": "green", "failed": "bold red", "not run": "yellow", "interrupted": "bold red"}


def count_jobs() -> int:
    """Return how many manifests run at a time: one more than processors, since each waits for servers now and then."""
    return (os.cpu_count() or 1) + 1


def run_pytest(
    repository: Repository,
    inventory: Path,
    ids: Sequence[str],
    *,
    jobs: int,
    available: bool,
    quiet: bool,
    corrections: Path | None = None,
) -> int:
    """Run manifests under pytest, in a process of its own.

    :param inventory: the folder of the inventory.
    :param quiet: leave standard output to the caller: progress goes to standard error.
    :param corrections: a folder for what pages should show; without it, an output that differs is a failure.
    :returns: pytest's exit status.
    """
    folder = (inventory / "manifests").resolve()
    command = [sys.executable, "-m", "pytest", "-p", "cookbook.runner.plugin", "-p", "no:cacheprovider"]
    # Nobody's pytest settings take part: neither those of a pyproject.toml above nor plugins that happen to be there.
    command += ["-c", os.devnull, "--rootdir", str(folder), "--no-header", "-v", "-rN", str(folder)]
    command += ["--cookbook-repository", str(repository.root), "--cookbook-evidence", str(repository.evidence)]
    command += [f"--cookbook-select={name}" for name in ids]
    if available:
        command.append("--cookbook-available")
    if corrections:
        command += ["--cookbook-update", str(corrections)]
    if jobs > 1:
        command += ["-p", "xdist", "-n", str(jobs), "--dist", "loadfile", "--no-loadscope-reorder"]
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=sys.stderr if quiet else None)
    # Whichever way this is ended, pytest must take workspaces and servers down; Ctrl-C reaches it by itself.
    before = signal.signal(signal.SIGTERM, lambda *_: process.send_signal(signal.SIGINT))
    try:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue
    finally:
        signal.signal(signal.SIGTERM, before)


def describe_outcome(manifest: Manifest, evidence: Evidence | None, since: str) -> dict[str, Any]:
    """Return what ``--json`` says of one manifest; evidence from before this run says nothing of it."""
    if evidence is None or evidence.started < since:
        evidence = None
    outcomes = [step.outcome for step in (evidence.steps if evidence else ())]
    failed = [one for one in (*evidence.steps, *evidence.checks) if one.outcome == "failed"] if evidence else []
    return {
        "id": manifest.id,
        "slug": manifest.slug,
        "variant": manifest.variant,
        "outcome": evidence.outcome if evidence else "interrupted",
        "steps": len(manifest.steps),
        "passed": outcomes.count("passed"),
        "failed": [one.name for one in failed],
        "duration": evidence.duration if evidence else None,
        "servers": evidence.servers if evidence else {},
        "reason": evidence.reason if evidence else None,
    }


def print_summary(outcomes: list[dict[str, Any]]) -> None:
    """Print one line a manifest, and what did not run."""
    rows: list[list[str | Text]] = []
    for one in outcomes:
        word = one["outcome"].replace("_", " ")
        servers = ", ".join(f"{label} {version}".strip() for label, version in one["servers"].items())
        duration = "–" if one["duration"] is None else f"{one['duration']:.1f} s"
        steps = f"{one['passed']}/{one['steps']}"
        rows.append([one["id"], Text(word, style=STYLES.get(word, "")), steps, duration, servers or "–"])
    say()
    print_table(["manifest", "outcome", "steps", "duration", "ran on"], rows)
    if missing := [one for one in outcomes if one["outcome"] == "not_run"]:
        styled = "bold yellow" if open_console().is_terminal else None
        say(f"\nNOT RUN: {len(missing)} of {len(outcomes)}", styled)
        for reason in dict.fromkeys(one["reason"] for one in missing):
            say(f"  {reason}")


def forget_removed(repository: Repository, manifests: Sequence[Manifest]) -> None:
    """Remove the evidence of manifests that the pages no longer have."""
    for name in set(read_evidence(repository.evidence)) - {manifest.id for manifest in manifests}:
        (repository.evidence / f"{name}.json").unlink(missing_ok=True)


def verify_recipes(
    slug: Annotated[str | None, typer.Argument(metavar="[SLUG]", help="The recipe; without it, all.")] = None,
    variant: VariantOption = None,
    available: Annotated[
        bool, typer.Option("--available", help="Leave out, visibly, variants whose servers this machine lacks.")
    ] = False,
    changed: Annotated[
        bool, typer.Option("--changed", help="Leave out variants that passed and have not changed since.")
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out, visibly, recipes that boot a server to deploy to.")
    ] = False,
    update: Annotated[
        bool,
        typer.Option("--update", help="Rewrite the pages' expected outputs from what happens; show how."),
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="How many run at a time; without it, one more than processors."),
    ] = None,
    repository: RepositoryOption = None,
    inventory: InventoryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Execute recipes, on the servers that they name, and keep the evidence."""
    if update:
        refuse_in_ci()
    found = find_repository(repository)
    manifests = refresh(found, inventory).manifests
    chosen = choose_manifests(manifests, slug, variant)
    forget_removed(found, manifests)
    chosen = leave_out_slow(found, chosen) if quick else chosen
    todo, unchanged = part_unchanged(found, chosen) if changed else (chosen, [])
    for manifest in unchanged:
        note(f"unchanged since it passed: {manifest.id}")
    since = datetime.now(UTC).isoformat(timespec="seconds")
    status = 0
    if todo:
        workers = min(jobs or count_jobs(), len(todo))
        ids = [manifest.id for manifest in order_by_length(found, todo)]
        folder = inventory or found.inventory
        options: dict[str, Any] = {"jobs": workers, "available": available, "quiet": as_json}
        if update:
            with tempfile.TemporaryDirectory(prefix="corrections-") as corrections:
                status = run_pytest(found, folder, ids, corrections=Path(corrections), **options)
                refused = update_pages(found, Path(corrections))
            raise typer.Exit(FAILED if status or refused else 0)
        status = run_pytest(found, folder, ids, **options)
    evidence = read_evidence(found.evidence)
    outcomes = [describe_outcome(manifest, evidence.get(manifest.id), since) for manifest in todo]
    if as_json:
        print_json({"manifests": outcomes, "unchanged": [manifest.id for manifest in unchanged]})
    elif outcomes:
        print_summary(outcomes)
    uneven = find_uneven([one for one in evidence.values() if one.id in {manifest.id for manifest in chosen}])
    for sentence in uneven:
        note(sentence)
    good = {"passed", "not_run"} if available else {"passed"}
    if status or uneven or any(one["outcome"] not in good for one in outcomes):
        raise typer.Exit(FAILED)
