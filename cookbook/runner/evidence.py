"""Evidence: puts together what a run's items, its servers and the project itself have told."""

import platform
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from .. import __version__
from ..recipe.evidence import CheckEvidence, Evidence, StepEvidence
from ..recipe.manifest import Manifest

Result = StepEvidence | CheckEvidence


def make_evidence(
    manifest: Manifest,
    results: Iterable[Result],
    *,
    started: datetime,
    duration: float,
    missing: str | None,
    probed: dict[str, Any],
    **told: Any,
) -> Evidence:
    """Return what a run proved.

    :param results: how each item ended; they say nothing if something was missing.
    :param missing: what the machine lacks, if that kept the manifest from running.
    :param probed: what the project said of its Python, Django and database.
    :param told: further fields of :class:`cookbook.recipe.evidence.Evidence`.
    """
    results = list(results) if missing is None else []
    # A copy of the whole site has no Django of its own: it runs in the environment of the cookbook.
    own = platform.python_version() if manifest.workspace == "site" and missing is None else ""
    passed = all(result.outcome == "passed" for result in results)
    return Evidence(
        id=manifest.id,
        slug=manifest.slug,
        variant=manifest.variant,
        outcome="not_run" if missing is not None else "passed" if passed else "failed",
        started=started.isoformat(timespec="seconds"),
        duration=round(duration, 3),
        cookbook=__version__,
        python=probed.get("python", own),
        django=probed.get("django", ""),
        connection=probed.get("connection", {}),
        steps=tuple(result for result in results if isinstance(result, StepEvidence)),
        checks=tuple(result for result in results if isinstance(result, CheckEvidence)),
        **told,
    )
