"""Trial: runs a manifest that was changed, up to its first failure, and leaves no evidence of it."""

from dataclasses import dataclass

from ..recipe.manifest import Manifest
from ..recipe.repository import Repository
from .session import Session


class NotStarted(Exception):  # noqa: N818 - nothing of the manifest's own went wrong
    """A manifest whose surroundings could not be made, so that it tells nothing."""


@dataclass(frozen=True)
class Noticed:
    """What noticed a change.

    :param item: the step, or ``check-`` and the check.
    :param message: what it said.
    """

    item: str
    message: str


def try_manifest(repository: Repository, manifest: Manifest, last: str | None = None) -> Noticed | None:
    """Run a manifest up to its first failure.

    :param last: the item behind which nothing is run; without it, all are.
    :returns: what failed; None if nothing did.
    :raises NotStarted: if the workspace or a server could not be made.
    """
    session = Session(repository, manifest)
    try:
        for item in session.items:
            result = session.perform(item)
            if result.outcome == "blocked":
                raise NotStarted(f"{manifest.id} could not start: {result.message}")
            if result.outcome == "failed":
                return Noticed(item, result.message or "")
            if item == last:
                break
        return None
    finally:
        session.close()
