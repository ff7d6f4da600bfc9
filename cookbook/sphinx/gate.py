"""The gate: a block that nothing verified, a stale page and a red one fail the build where evidence is required."""

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from ..recipe.evidence import find_uneven
from .badges import get_ledger
from .domain import get_domain

logger = logging.getLogger(__name__)


def report_problems(_app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of every mistake in a recipe, in every build: ``-W`` makes it fail."""
    for page in get_domain(env).pages.values():
        for problem in page.problems:
            message = f"{problem.found} {problem.instead}"
            logger.warning(message, location=f"{problem.page}:{problem.line}", type="cookbook", subtype="problem")


def report_blocks(app: Sphinx, _env: BuildEnvironment) -> None:
    """Warn of every block without fresh, green evidence, if the build requires it."""
    if not app.config.cookbook_require_evidence or app.builder.format != "html":
        return
    ledger = get_ledger(app)
    if not ledger.inventory.manifests:
        logger.warning("The site has no recipe.", type="cookbook", subtype="unverified")
    for judged in ledger.judge_blocks():
        block = judged.block
        if judged.status == "verified" or block.kind == "sample":
            continue
        location = f"{block.page}:{block.line}"
        logger.warning(
            "%s: %s", judged.status, judged.reason, location=location, type="cookbook", subtype=judged.status
        )
    for manifest in ledger.inventory.manifests:
        status = ledger.judge_manifest(manifest)
        if status != "verified":
            evidence = ledger.evidence.get(manifest.id)
            checks = [check.name for check in evidence.checks if check.outcome != "passed"] if evidence else []
            why = f" ({', '.join(checks)})" if checks else ""
            logger.warning("%s is %s%s.", manifest.id, status, why, type="cookbook", subtype=status)
    for sentence in find_uneven(list(ledger.evidence.values())):
        logger.warning(sentence, type="cookbook", subtype="uneven")


def setup(app: Sphinx) -> None:
    """Register the gate, behind everything that reads."""
    app.connect("env-updated", report_problems, priority=900)
    app.connect("env-updated", report_blocks, priority=900)
