"""Evidence: what one run of a manifest left, and whether it still speaks of what the page shows."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from .records import read_record, write_record
from .variant import Variant

SCHEMA = 1

Outcome = Literal["passed", "failed", "blocked"]
# What a badge can say; "stale" and "unverified" are found when evidence is compared with the page.
Status = Literal["verified", "failed", "blocked", "stale", "not_run", "unverified"]


@dataclass(frozen=True, kw_only=True)
class StepEvidence:
    """How one step ended.

    :param digest: of everything that its outcome depended on, chained over the steps before it.
    :param duration: seconds.
    :param message: for a failed step, what went wrong; for a blocked one, which step stopped it.
    :param tests: how many tests ran, where the step ran a test suite.
    """

    name: str
    outcome: Outcome
    duration: float
    digest: str
    message: str | None = None
    tests: int | None = None


@dataclass(frozen=True, kw_only=True)
class CheckEvidence:
    """How one of the checks after the last step ended.

    :param tests: how many tests ran, where the check is a test suite.
    :param step: which step ran them, if that was it: nothing has changed since then.
    """

    name: str
    command: str
    outcome: Outcome
    duration: float
    tests: int | None = None
    message: str | None = None
    step: str | None = None


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What one complete run of a manifest left.

    :param outcome: ``not_run`` if a need was missing; the reason says which.
    :param started: the time in UTC, ISO 8601; badges take their date from here, so a build depends on nothing else.
    :param servers: label → version, as the servers themselves reported it.
    :param connection: vendor and version of the database, from the project's own connection.
    :param substitutions: what stood on the page → what was run instead.
    :param environment: variables that were set for the run and stand on no page.
    """

    id: str
    slug: str
    variant: Variant
    outcome: Literal["passed", "failed", "not_run"]
    digest: str
    started: str
    duration: float = 0.0
    reason: str | None = None
    cookbook: str = ""
    python: str = ""
    django: str = ""
    servers: dict[str, str] = field(default_factory=dict)
    connection: dict[str, str] = field(default_factory=dict)
    substitutions: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    isolated: bool = True
    steps: tuple[StepEvidence, ...] = ()
    checks: tuple[CheckEvidence, ...] = ()
    schema: int = SCHEMA

    @property
    def shown_tests(self) -> int | None:
        """How many tests the largest run among the steps counted; None if no step ran any."""
        return max((step.tests for step in self.steps if step.tests is not None), default=None)

    def step(self, name: str) -> StepEvidence | None:
        """Return the evidence of one step, or None if it has none."""
        return next((step for step in self.steps if step.name == name), None)


def write_evidence(evidence: Evidence, folder: Path) -> Path:
    """Replace the evidence of one manifest, atomically: a reader sees the old file or the new one, never half of it."""
    return write_record(folder / f"{evidence.id}.json", evidence)


def read_evidence(folder: Path) -> dict[str, Evidence]:
    """Read all evidence in a folder, by manifest id. A file of another schema counts as no evidence."""
    found = {}
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        evidence = read_record(path, Evidence)
        if evidence is not None and evidence.schema == SCHEMA:
            found[evidence.id] = evidence
    return found


def judge_step(name: str, digest: str, evidence: Evidence | None) -> Status:
    """Tell what a badge may say of one step of one manifest.

    :param digest: the step's digest now.
    :param evidence: what its last run left, or None.
    """
    if evidence is None:
        return "unverified"
    if evidence.outcome == "not_run":
        return "not_run"
    step = evidence.step(name)
    if step is None or step.digest != digest:
        return "stale"
    return {"passed": "verified", "failed": "failed", "blocked": "blocked"}[step.outcome]


# From the best that a page can say of itself to the worst.
SEVERITY: tuple[Status, ...] = ("verified", "not_run", "stale", "unverified", "blocked", "failed")


def worst(statuses: list[Status]) -> Status:
    """Return the status that speaks for several: the worst one; nothing at all is unverified."""
    return max(statuses, key=SEVERITY.index) if statuses else "unverified"


def find_uneven(evidence: list[Evidence]) -> list[str]:
    """Find recipes whose variants did not run an equal number of tests: then a green one proves less than it seems to.

    :param evidence: of any manifests; those that did not run, or failed, say nothing.
    :returns: a sentence for each such recipe.
    """
    counted: dict[str, dict[str, int]] = {}
    for one in evidence:
        if one.outcome == "passed" and one.shown_tests is not None:
            counted.setdefault(one.slug, {})[one.id] = one.shown_tests
    return [
        f"The variants of {slug} ran unequal numbers of tests: "
        + ", ".join(f"{number} ({name})" for name, number in numbers.items())
        + ". Find out what one of them leaves out."
        for slug, numbers in counted.items()
        if len(set(numbers.values())) > 1
    ]
