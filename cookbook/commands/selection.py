"""Selection: which manifests a command runs, and in which order."""

from collections.abc import Sequence

from ..recipe.coverage import digest_steps, judge_manifest
from ..recipe.evidence import read_evidence
from ..recipe.manifest import Manifest
from ..recipe.repository import Repository
from ..recipe.variant import describe, fits, parse_choice
from ..runner.services import read_needs
from .output import FAILED, fail, note


def choose_manifests(manifests: Sequence[Manifest], slug: str | None, variants: Sequence[str] | None) -> list[Manifest]:
    """Return the manifests that a slug and choices of tabs ask for.

    :param variants: choices as on the command line, each ``family=label`` or several of them, parted by commas.
    :raises typer.Exit: with 2 if nothing is asked for that exists; the message lists what does.
    """
    if not manifests:
        fail("There is no recipe: no page has steps. Nothing was verified.", FAILED)
    found = [manifest for manifest in manifests if slug in (None, manifest.slug)]
    if not found:
        known = ", ".join(sorted({manifest.slug for manifest in manifests}))
        fail(f"There is no recipe {slug!r}. The recipes are: {known}.")
    choice: dict[str, str] = {}
    for text in variants or ():
        try:
            choice.update(parse_choice(text))
        except ValueError as error:
            fail(str(error))
    chosen = [manifest for manifest in found if fits(choice, manifest.variant)]
    if not chosen:
        known = sorted({describe(manifest.variant) for manifest in found if manifest.variant})
        what = slug or "any recipe"
        fail(f"No variant of {what} fits {describe(choice)}. There are: {', '.join(known) or 'none'}.")
    return chosen


def part_unchanged(repository: Repository, manifests: Sequence[Manifest]) -> tuple[list[Manifest], list[Manifest]]:
    """Part manifests into those to run and those whose evidence still speaks of them and says that they passed."""
    evidence = read_evidence(repository.evidence)
    digests = digest_steps(repository, manifests)
    todo, unchanged = [], []
    for manifest in manifests:
        status = judge_manifest(manifest, evidence.get(manifest.id), digests[manifest.id])
        (unchanged if status == "verified" else todo).append(manifest)
    return todo, unchanged


def find_slow(repository: Repository, manifests: Sequence[Manifest]) -> list[Manifest]:
    """Return the manifests that need a server which takes root: those boot for minutes."""
    known = read_needs(repository.conf) if any(one.needs for one in manifests) else {}
    return [one for one in manifests if any(name in known and known[name].root for name in one.needs)]


def leave_out_slow(repository: Repository, manifests: Sequence[Manifest]) -> list[Manifest]:
    """Return the manifests that do not boot a server of their own. The others are named."""
    slow = find_slow(repository, manifests)
    for manifest in slow:
        note(f"left out, it boots a server of its own: {manifest.id}. Run it: cookbook verify {manifest.slug}")
    return [manifest for manifest in manifests if manifest not in slow]


def order_by_length(repository: Repository, manifests: Sequence[Manifest]) -> list[Manifest]:
    """Order manifests so that the longest begin first: one that begins last would run while the others wait.

    Those that never ran come first: the ones that boot a server, then those whose steps are given the most time.
    """
    evidence = read_evidence(repository.evidence)
    slow = find_slow(repository, manifests)

    def weigh(manifest: Manifest) -> tuple[float, bool, float]:
        ran = evidence.get(manifest.id)
        return (
            (ran.duration if ran else 0.0) or float("inf"),
            manifest in slow,
            sum(step.timeout for step in manifest.steps),
        )

    return sorted(manifests, key=weigh, reverse=True)
