"""Coverage: counts the blocks that the site shows, and names each that nothing has verified."""

from typing import Annotated

import typer

from ..recipe.coverage import MOST_SAMPLES, Coverage, digest_steps, judge_blocks, measure
from ..recipe.evidence import read_evidence
from ..recipe.examples import read_records
from ..recipe.excerpts import read_suite
from ..recipe.manifest import Inventory
from ..recipe.repository import Repository
from .inventory import refresh
from .options import InventoryOption, JsonOption, RepositoryOption, find_repository
from .output import FAILED, fail, note, print_json, print_table, say


def measure_site(repository: Repository, inventory: Inventory) -> Coverage:
    """Return the coverage of all blocks in an inventory, by the repository's evidence as it is now."""
    judged = judge_blocks(
        inventory,
        read_evidence(repository.evidence),
        digest_steps(repository, inventory.manifests),
        read_records(repository),
        read_suite(repository),
    )
    return measure(judged)


def find_excess(coverage: Coverage) -> str:
    """Say what is wrong with the samples of a site: too many of them, or one that gives no reason; empty if nothing."""
    silent = [f"{block.page}:{block.line}" for block in coverage.samples if not (block.reason or "").strip()]
    if silent:
        return f"The sample at {silent[0]} gives no reason. Say why it cannot run: `:reason: …`."
    if len(coverage.samples) > MOST_SAMPLES:
        return (
            f"The site shows {len(coverage.samples)} samples; at most {MOST_SAMPLES} are allowed. "
            "Make steps or excerpts of the others."
        )
    return ""


def measure_coverage(
    repository: RepositoryOption = None,
    inventory: InventoryOption = None,
    as_json: JsonOption = False,
    gate: Annotated[
        bool,
        typer.Option("--fail/--no-fail", help="End with exit status 1 if a block is unverified, or samples are many."),
    ] = True,
) -> None:
    """Count the blocks that the site shows, and name each that nothing has verified."""
    found = find_repository(repository)
    coverage = measure_site(found, refresh(found, inventory))
    places = [{"page": one.block.page, "line": one.block.line} for one in coverage.unverified]
    if as_json:
        counts = {"rendered": coverage.rendered, "verified": coverage.verified, "samples": len(coverage.samples)}
        reasons = [{"page": one.page, "line": one.line, "reason": one.reason} for one in coverage.samples]
        print_json({**counts, "reasons": reasons, "unverified": places})
    else:
        if coverage.unverified:
            rows = [[f"{one.block.page}:{one.block.line}", one.block.kind, one.reason] for one in coverage.unverified]
            print_table(["unverified block", "kind", "why"], rows)
            say()
        if coverage.samples:
            rows = [[f"{one.page}:{one.line}", one.reason or ""] for one in coverage.samples]
            print_table(["sample", "why it cannot run"], rows)
            say()
        say(
            f"{coverage.rendered} blocks: {coverage.verified} verified, {len(coverage.samples)} samples, "
            f"{len(places)} unverified."
        )
    if not coverage.rendered:
        fail("The site shows no block at all; expected its recipes. Is this the right repository?", FAILED)
    excess = find_excess(coverage)
    if excess:
        note(excess)
    if gate and (places or excess):
        raise typer.Exit(FAILED)
