"""Coverage: which of the blocks that the site shows something has verified, and what did."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .commands import CommandEvidence, split_commands
from .digest import chain_steps
from .evidence import Evidence, Status, judge_step, worst
from .excerpts import Suite, find_missing
from .manifest import Block, Excerpt, Inventory, Manifest
from .repository import Repository

# A site on which more than a handful of blocks cannot run does not do what it promises.
MOST_SAMPLES = 5

# Manifest id → step name → the step's digest now.
Digests = Mapping[str, Mapping[str, str]]

REASONS: dict[Status, str] = {
    "failed": "failed",
    "blocked": "not reached: a step before it failed",
    "stale": "changed since its last run",
    "not_run": "not run here",
    "unverified": "never run",
}


@dataclass(frozen=True)
class BlockStatus:
    """What is known of one block.

    :param by: what verified it: ids of manifests, or of tests.
    :param reason: why it is not verified; empty if it is.
    """

    block: Block
    status: Status
    by: list[str]
    reason: str = ""


@dataclass(frozen=True)
class Coverage:
    """The blocks of the whole site: how many, how many of them verified, and which are not.

    :param rendered: all blocks; each is verified, a sample, or unverified.
    :param samples: those that cannot run; each says why.
    """

    rendered: int
    verified: int
    samples: list[Block]
    unverified: list[BlockStatus]


def digest_steps(repository: Repository, manifests: Iterable[Manifest]) -> dict[str, dict[str, str]]:
    """Return the digest of every step of every manifest, as the working tree is now.

    The trees are read once for each kind of workspace, not once for each manifest.
    """
    bases: dict[str, str] = {}
    digests = {}
    for manifest in manifests:
        if manifest.workspace not in bases:
            bases[manifest.workspace] = repository.base_digest(manifest)
        digests[manifest.id] = chain_steps(manifest, bases[manifest.workspace])
    return digests


def judge_manifest(manifest: Manifest, evidence: Evidence | None, digests: Mapping[str, str]) -> Status:
    """Tell what may be said of a whole manifest: the worst of its steps, and failed if a check after them failed."""
    status = worst([judge_step(step.name, digests.get(step.name, ""), evidence) for step in manifest.steps])
    if status == "verified" and evidence is not None and evidence.outcome == "failed":
        return "failed"
    return status


def _judge_step_block(
    block: Block, manifests: list[Manifest], evidence: Mapping[str, Evidence], digests: Digests
) -> BlockStatus:
    judged = {
        manifest.id: judge_step(block.step or "", digests[manifest.id][block.step or ""], evidence.get(manifest.id))
        for manifest in manifests
    }
    status = worst(list(judged.values()))
    by = [name for name, one in judged.items() if one == "verified"]
    if not judged:
        return BlockStatus(block, "unverified", by, "no manifest runs its step")
    worst_ones = ", ".join(name for name, one in judged.items() if one == status)
    reason = "" if status == "verified" else f"{REASONS[status]} ({worst_ones})"
    return BlockStatus(block, status, by, reason)


def _judge_command_block(block: Block, records: Mapping[str, list[CommandEvidence]]) -> BlockStatus:
    commands = split_commands(block.text)
    if not commands:
        return BlockStatus(block, "unverified", [], "it shows no command")
    found = [record for command in commands for record in records.get(command, ())]
    if failed := [record for record in found if record.outcome == "failed"]:
        return BlockStatus(block, "failed", [], f"`{failed[0].command}` failed ({failed[0].by})")
    by = sorted({record.by for record in found})
    if missing := [command for command in commands if command not in records]:
        return BlockStatus(block, "unverified", by, f"no test ran `{missing[0]}`")
    return BlockStatus(block, "verified", by)


def _judge_example(block: Block, records: Mapping[str, list[CommandEvidence]]) -> BlockStatus:
    found = records.get(block.text.strip(), [])
    if not found:
        return BlockStatus(block, "unverified", [], "no run of the examples knows it as it is now")
    if failed := [record for record in found if record.outcome == "failed"]:
        return BlockStatus(block, "failed", [], f"the example failed ({failed[0].by})")
    return BlockStatus(block, "verified", sorted({record.by for record in found}))


def judge_excerpt(excerpt: Excerpt, suite: Suite) -> tuple[Status, str]:
    """Tell what may be said of an excerpt, and why it is not more.

    :param suite: what :func:`cookbook.recipe.excerpts.read_suite` returns.
    :returns: the status, and the reason if it is not verified.
    """
    if excerpt.path not in suite.files:
        return "unverified", f"no run of the project's tests has left a record of {excerpt.path}"
    if excerpt.path in suite.changed:
        return "stale", f"{excerpt.path} has changed since its lines were executed"
    missing = find_missing(excerpt, suite)
    return ("unverified", missing) if missing else ("verified", "")


def _judge_excerpt_block(block: Block, suite: Suite) -> BlockStatus:
    if block.excerpt is None:
        return BlockStatus(block, "unverified", [], "it is of no known file")
    status, reason = judge_excerpt(block.excerpt, suite)
    return BlockStatus(block, status, [suite.by] if status == "verified" else [], reason)


def judge_blocks(
    inventory: Inventory,
    evidence: Mapping[str, Evidence],
    digests: Digests,
    commands: Iterable[CommandEvidence],
    suite: Suite,
) -> list[BlockStatus]:
    """Judge every block of the site.

    A step's block is verified if every manifest that holds the step has fresh evidence that it passed; a block of
    commands, if tests ran each of them and all of these passed; an example, if a test ran its text; an excerpt, if the
    project's tests executed its lines. A sample's status is unverified: it only counts apart. Other blocks are
    unverified.

    :param evidence: by manifest id (:func:`cookbook.recipe.evidence.read_evidence`).
    :param digests: what :func:`digest_steps` returns for the inventory's manifests.
    :param commands: what :func:`cookbook.recipe.commands.read_commands` and
        :func:`cookbook.recipe.examples.read_examples` return.
    :param suite: what :func:`cookbook.recipe.excerpts.read_suite` returns.
    :returns: one status a block, in the inventory's order.
    """
    holders: dict[tuple[str, str], list[Manifest]] = defaultdict(list)
    for manifest in inventory.manifests:
        for step in manifest.steps:
            holders[manifest.slug, step.name].append(manifest)
    records: dict[str, list[CommandEvidence]] = defaultdict(list)
    for record in commands:
        records[record.command].append(record)
    judged = []
    for block in inventory.blocks:
        if block.kind == "step":
            running = holders.get((block.slug or "", block.step or ""), [])
            judged.append(_judge_step_block(block, running, evidence, digests))
        elif block.kind == "command":
            judged.append(_judge_command_block(block, dict(records)))
        elif block.kind == "example":
            judged.append(_judge_example(block, records))
        elif block.kind == "sample":
            judged.append(BlockStatus(block, "unverified", [], f"sample: {block.reason or 'no reason given'}"))
        elif block.kind == "excerpt":
            judged.append(_judge_excerpt_block(block, suite))
        else:
            judged.append(BlockStatus(block, "unverified", [], "neither a step, an excerpt nor a sample"))
    return judged


def measure(judged: Iterable[BlockStatus]) -> Coverage:
    """Count judged blocks (see :func:`judge_blocks`)."""
    judged = list(judged)
    samples = [one.block for one in judged if one.block.kind == "sample"]
    others = [one for one in judged if one.block.kind != "sample"]
    unverified = [one for one in others if one.status != "verified"]
    return Coverage(len(judged), len(others) - len(unverified), samples, unverified)
