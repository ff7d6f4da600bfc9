"""Mutation: runs recipes with one line changed at a time, and finds the lines whose change nothing notices.

What a changed *expectation* does is known without a run where the whole recipe's own run has shown what came: the
same comparison is made with the changed lines. Everything else is run, up to the first failure.
"""

import tomllib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from ..recipe.console import parse_session
from ..recipe.manifest import Manifest, Step
from ..recipe.matching import find_lines, output_matches, read_normalisers
from ..recipe.repository import Repository
from . import driver
from .failure import first_line
from .mutants import Mutant, list_mutants
from .session import Session
from .trial import NotStarted, try_manifest

# A changed step that takes ten times as long as the page's own, and this much more, counts as hung.
SLOWER, SLACK_SECONDS = 10.0, 20.0


class BaselineError(Exception):
    """A recipe that fails as it stands; changing its lines would tell nothing."""


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant.

    :param killed_by: the manifest and the step or check that noticed it; None if nothing did.
    :param message: what that said, in one line.
    :param ran: False if the recipe's own run told it already.
    """

    mutant: Mutant
    killed_by: str | None
    message: str = ""
    ran: bool = True


@dataclass(frozen=True)
class Survivor:
    """A row of ``conf/survivors.toml``: a line whose change nothing notices, and why that is all right."""

    step: str
    line: str
    reason: str

    def covers(self, mutant: Mutant) -> bool:
        """Tell whether the row speaks of a mutant."""
        return (self.step, self.line.strip()) == (mutant.step.name, mutant.text.strip())


def read_survivors(conf: Path) -> tuple[Survivor, ...]:
    """Read the accepted survivors; a missing file has none."""
    path = conf / "survivors.toml"
    if not path.exists():
        return ()
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(Survivor(**row) for row in table.get("survivor", ()))


@dataclass
class Baseline:
    """A recipe's own run: how long each step took and what it did.

    :param logs: background step → all that it logged, when all was over.
    """

    manifest: Manifest
    durations: dict[str, float]
    seen: dict[str, Any]
    plain: bool

    def judge(self, mutant: Mutant, normalisers: Sequence[Any]) -> bool | None:
        """Tell whether a changed expectation would be noticed; None if only a run can tell."""
        if not mutant.expectation or mutant.changed is None or not self.plain:
            return None
        step = mutant.changed
        seen = self.seen.get(step.name)
        if step.kind == "run":
            pairs = zip(parse_session(step.text), seen, strict=True)
            return not all(
                one.status == command.status and output_matches(command.expected, one.output, normalisers)
                for command, one in pairs
            )
        if step.kind == "python":
            examples = msgspec.to_builtins(step.examples)
            pairs = zip(examples, seen, strict=True)
            return any(driver.judge(example, one["got"], one["raised"]) for example, one in pairs)
        log, start = seen
        lines = parse_session(step.text)[0].expected if step.kind == "background" else step.text.splitlines()
        # Lines that the whole log does not hold would be waited for in vain. If it holds them, the run tells.
        return True if find_lines(lines, log, start, normalisers) is None else None


def run_baseline(repository: Repository, manifest: Manifest) -> Baseline:
    """Run a recipe as it stands, without leaving evidence.

    :raises BaselineError: if it fails, or a server is missing.
    """
    session = Session(repository, manifest)
    try:
        for item in session.items:
            result = session.perform(item)
            if result.outcome != "passed":
                raise BaselineError(
                    f"{manifest.id} fails as it stands, at {item}: {result.message}\n"
                    f"Run `cookbook verify {manifest.slug}` first."
                )
        seen = dict(session.seen)
        for name, value in seen.items():
            if isinstance(value, tuple):
                seen[name] = (value[0].process.lines(), value[1])
        durations = {name: result.duration for name, result in session.results.items()}
        return Baseline(manifest, durations, seen, plain=not session.substitutions)
    finally:
        session.close()


def mutate_manifest(manifest: Manifest, mutant: Mutant, durations: dict[str, float]) -> Manifest:
    """Return the manifest with the mutant in its step's place, and timeouts that end what hangs."""

    def limit(step: Step) -> Step:
        return replace(step, timeout=min(step.timeout, SLOWER * durations.get(step.name, step.timeout) + SLACK_SECONDS))

    steps: list[Step] = []
    for step in manifest.steps:
        if step.name != mutant.step.name:
            steps.append(limit(step))
        elif mutant.changed is not None:
            steps.append(limit(mutant.changed))
    return replace(manifest, steps=tuple(steps))


def run_mutant(repository: Repository, baseline: Baseline, mutant: Mutant) -> Verdict:
    """Run a recipe with one line changed, up to its first failure. No evidence is written."""
    manifest = mutate_manifest(baseline.manifest, mutant, baseline.durations)
    try:
        noticed = try_manifest(repository, manifest)
    except NotStarted as error:
        raise BaselineError(str(error)) from error
    if noticed is None:
        return Verdict(mutant, None)
    return Verdict(mutant, f"{manifest.id}::{noticed.item}", first_line(noticed.message))


def collect_mutants(manifests: Iterable[Manifest]) -> list[tuple[Mutant, list[Manifest]]]:
    """Return every mutant once, each with the manifests that hold its step, the one with the fewest needs first."""
    holders: dict[tuple[str, str], list[Manifest]] = {}
    steps: dict[tuple[str, str], Step] = {}
    for manifest in sorted(manifests, key=lambda one: (len(one.needs), not one.first, one.id)):
        for step in manifest.steps:
            holders.setdefault((manifest.slug, step.name), []).append(manifest)
            steps.setdefault((manifest.slug, step.name), step)
    return [(mutant, holders[key]) for key, step in steps.items() for mutant in list_mutants(step)]


class Mutation:
    """Judges mutants, several at a time.

    :param report: called with each verdict as it comes.
    """

    def __init__(self, repository: Repository, jobs: int, report: Callable[[Verdict], None]) -> None:
        self._repository = repository
        self._jobs = jobs
        self._report = report
        self._normalisers = read_normalisers(repository.conf / "normalisers.toml")

    def run(self, mutants: Sequence[tuple[Mutant, list[Manifest]]]) -> list[Verdict]:
        """Judge mutants.

        :param mutants: what :func:`collect_mutants` returns, or a part of it.
        :returns: a verdict for each, in their order.
        :raises BaselineError: if a recipe fails as it stands.
        """
        wanted = {manifest.id: manifest for _, holders in mutants for manifest in holders}
        with ThreadPoolExecutor(self._jobs) as pool:
            try:
                runs = {name: pool.submit(run_baseline, self._repository, one) for name, one in wanted.items()}
                baselines = {name: run.result() for name, run in runs.items()}
                verdicts = [pool.submit(self._judge, mutant, holders, baselines) for mutant, holders in mutants]
                self._follow(verdicts)
                return [verdict.result() for verdict in verdicts]
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _follow(self, verdicts: list[Future[Verdict]]) -> None:
        pending = set(verdicts)
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for one in done:
                self._report(one.result())

    def _judge(self, mutant: Mutant, holders: list[Manifest], baselines: dict[str, Baseline]) -> Verdict:
        if mutant.obvious:
            return Verdict(mutant, f"{holders[0].id}::{mutant.step.name}", "nothing prints its output", ran=False)
        for manifest in holders:
            baseline = baselines[manifest.id]
            noticed = baseline.judge(mutant, self._normalisers)
            if noticed:
                return Verdict(mutant, f"{manifest.id}::{mutant.step.name}", "its output differs", ran=False)
            if noticed is None:
                verdict = run_mutant(self._repository, baseline, mutant)
                if verdict.killed_by:
                    return verdict
        return Verdict(mutant, None)
