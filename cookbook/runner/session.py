"""Session: one run of one manifest, item by item: its steps in page order, then the checks; and what it proved."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ..recipe.correction import Correction
from ..recipe.digest import chain_steps
from ..recipe.evidence import CheckEvidence, Evidence, StepEvidence
from ..recipe.manifest import Manifest, Step
from ..recipe.matching import read_normalisers
from ..recipe.problem import RecipeError
from ..recipe.repository import Repository
from .background import Background, start_background
from .checks import BACKGROUND_STEPS, choose_command, count_step_tests, list_checks, probe, run_check, stop_background
from .evidence import Result, make_evidence
from .failure import OutputDiffers, StepFailure
from .files import edit_file, write_file
from .python import Interpreter
from .services import ServiceError
from .shell import first_state, run_session
from .suites import Suites
from .surroundings import Missing, Surroundings, find_provisions


class Session:
    """One run of a manifest. Items are performed in order; after a failure the rest are blocked.

    Attributes:
        items: the items' names: those of the steps, then ``check-`` and the checks'.
        seen: step name → what it did: for a session what its commands printed, for Python what its examples printed,
            for a log the program and the line to read from.
        updating: whether an output that differs from the page is no failure, but a correction to the page.
    """

    def __init__(self, repository: Repository, manifest: Manifest, *, updating: bool = False) -> None:
        self.updating = updating
        self.corrections: list[Correction] = []
        self.repository = repository
        self.manifest = manifest
        self.items: dict[str, Callable[[], Result]] = {}
        for step in manifest.steps:
            self.items[step.name] = lambda step=step: self._perform_step(step)
        for name in list_checks(repository, manifest):
            self.items[f"check-{name}"] = lambda name=name: self._perform_check(name)
        self.results: dict[str, Result] = {}
        self.seen: dict[str, Any] = {}
        self.stopped_by: str | None = None
        self.missing: str | None = None
        self._broken: str | None = None
        self._surroundings: Surroundings | None = None
        self._interpreter: Interpreter | None = None
        self._background: dict[str, Background] = {}
        self._used: dict[str, str] = {}
        self._probed: dict[str, Any] = {}
        self._started: datetime | None = None
        self._normalisers = read_normalisers(repository.conf / "normalisers.toml")

    def find_missing(self) -> str | None:
        """Return what the manifest needs and this machine lacks, with the command that installs it; or None."""
        try:
            find_provisions(self.repository, self.manifest)
        except Missing as missing:
            self.missing = str(missing)
        except ServiceError:
            return None  # the run itself reports it
        return self.missing

    def _begin(self) -> None:
        """Note when and from what the run starts: not earlier, since pytest makes all sessions before it runs any."""
        if self._started is None:
            self._started = datetime.now(UTC)
            self._clock = time.monotonic()
            self.digests = chain_steps(self.manifest, self.repository.base_digest(self.manifest))

    def open(self) -> None:
        """Make everything that the steps need. What goes wrong here blocks all of them."""
        self._begin()
        try:
            self._surroundings = Surroundings(self.repository, self.manifest)
        except ServiceError as error:
            self._broken = "\n".join(filter(None, [str(error), error.log_tail]))
        except Missing as missing:
            self._broken = self.missing = str(missing)
        except (StepFailure, OSError) as error:
            self._broken = str(error)
        else:
            workspace = self._surroundings.workspace
            self._state = first_state(workspace.project, workspace.environment)
            self._suites = Suites(self.repository.checks, workspace.project)

    def perform(self, item: str) -> Result:
        """Perform an item, unless something before it failed; return how it ended, and remember it."""
        if self._surroundings is None and self._broken is None:
            self.open()
        self.results[item] = result = self.items[item]()
        if result.outcome == "failed" and self.stopped_by is None:
            self.stopped_by = item
        return result

    def skip(self, item: str) -> None:
        """Count an item as performed where nothing runs for lack of a server."""
        self._begin()
        reason = self.missing or ""
        self.results[item] = StepEvidence(name=item, outcome="blocked", duration=0.0, digest="", message=reason)

    @property
    def blocked(self) -> str | None:
        """Why nothing more can run, or None."""
        return self._broken or (f"blocked: step {self.stopped_by} failed" if self.stopped_by else None)

    def _perform_step(self, step: Step) -> StepEvidence:
        digest = self.digests[step.name]
        if reason := self.blocked:
            return StepEvidence(name=step.name, outcome="blocked", duration=0.0, digest=digest, message=reason)
        started = time.monotonic()
        message = None
        try:
            self._run(step)
        except OutputDiffers as differs:
            message = self._correct(step, differs)
        except (StepFailure, RecipeError) as failure:
            message = str(failure)
        return StepEvidence(
            name=step.name,
            outcome="failed" if message else "passed",
            duration=round(time.monotonic() - started, 3),
            digest=digest,
            message=message,
            tests=count_step_tests(self.seen.get(step.name, ())) if step.kind == "run" else None,
        )

    def _correct(self, step: Step, differs: OutputDiffers) -> str | None:
        """Note what the page should show and go on from there; without that, the difference is the failure."""
        if not self.updating or self._used:  # what was substituted must not get onto the page
            return str(differs)
        self.corrections.append(Correction(page=step.page, step=step.name, old=differs.old, new=differs.new))
        if step.kind == "run":
            self._state, self.seen[step.name] = differs.after
        else:
            self.seen[step.name] = differs.after
        return None

    def _run(self, step: Step) -> None:
        assert self._surroundings is not None  # noqa: S101 - `perform` opened it
        step, used = self._surroundings.prepare(step)
        self._used.update(used)
        network = self._surroundings.network_of(step)
        workspace = self._surroundings.workspace
        if step.kind in ("file", "edit"):
            self._end_interpreter()
            (write_file if step.kind == "file" else edit_file)(step, workspace.project)
        elif step.kind == "run":
            place = self._suites.look(step, self._state)
            scratch = workspace.folder
            self._state, self.seen[step.name] = run_session(step, self._state, network, scratch, self._normalisers)
            if place:
                self._suites.note(step, self.seen[step.name], place)
        elif step.kind == "background":
            background = start_background(step, self._state, network, self._normalisers)
            self._background[step.name] = background
            self.seen[step.name] = (background, 0)
        elif step.kind == "python":
            self._run_python(step)
        else:
            self._speak_of(step)

    def _speak_of(self, step: Step) -> None:
        """Run a ``log`` or ``stop`` step."""
        background = self._background.get(step.target or "")
        if background is None:
            raise StepFailure(
                f"No background step {step.target!r} is running. Running now: "
                f"{', '.join(self._background) or 'none'}. Name one, or start it in a step above."
            )
        self.seen[step.name] = (background, background.position)
        expected = step.text.splitlines()
        if step.kind == "log":
            background.expect(expected, step.timeout)
        else:
            del self._background[step.target or ""]
            background.stop(expected, step.timeout)

    def _run_python(self, step: Step) -> None:
        assert self._surroundings is not None  # noqa: S101 - `perform` opened it
        if self._interpreter and self._interpreter.environment != self._state.environment:
            self._end_interpreter()
        if self._interpreter is None:
            workspace = self._surroundings.workspace
            network = self._surroundings.network_of(step)
            self._interpreter = Interpreter(workspace.python, workspace.project, self._state, network)
        self.seen[step.name] = self._interpreter.run(step, self._state.folder)

    def _end_interpreter(self) -> None:
        if self._interpreter:
            self._interpreter.close()
            self._interpreter = None

    def _perform_check(self, name: str) -> CheckEvidence:
        known = {check.name: check for check in self.repository.checks}
        command = choose_command(known[name], self.manifest) if name in known else ""
        if reason := self.blocked:
            return CheckEvidence(name=name, command=command, outcome="blocked", duration=0.0, message=reason)
        assert self._surroundings is not None  # noqa: S101 - `perform` opened it
        if name == BACKGROUND_STEPS:
            return stop_background(self._background)
        self._end_interpreter()
        workspace, network = self._surroundings.workspace, self._surroundings.network
        if name in known:
            found = self._suites.find(known[name], self._state)
            return found or run_check(known[name], self.manifest, workspace.project, self._state, network)
        started = time.monotonic()
        self._probed = probe(workspace.python, workspace.project, self._state, network)
        message = self._probed.get("message")
        duration = round(time.monotonic() - started, 3)
        outcome = "failed" if message else "passed"
        return CheckEvidence(name=name, command="", outcome=outcome, duration=duration, message=message)

    def is_complete(self) -> bool:
        """Tell whether every item was performed; only then the run is evidence."""
        return self.results.keys() == self.items.keys()

    @property
    def substitutions(self) -> dict[str, str]:
        """What stood on the page → what was run instead, so far."""
        return self._used

    def _list_redirected(self) -> dict[str, str]:
        address = self.repository.address
        if address is None or self.manifest.workspace != "site" or self.missing is not None:
            return {}
        named = any(address in step.text for step in self.manifest.steps)
        return {address: "this working tree, by git's url.insteadOf"} if named else {}

    def make_evidence(self) -> Evidence:
        """Return what the run proved; ask only when it is complete."""
        self._begin()
        around = self._surroundings
        return make_evidence(
            self.manifest,
            self.results.values(),
            digest=self.digests[self.manifest.steps[-1].name] if self.manifest.steps else "",
            started=self._started or datetime.now(UTC),
            duration=time.monotonic() - self._clock,
            missing=self.missing,
            reason=self.missing or self._broken,
            servers=around.versions if around else {},
            substitutions={**self._used, **self._list_redirected()},
            environment=around.environment if around else {},
            isolated=around.network.isolated if around else True,
            probed=self._probed,
        )

    def close(self) -> None:
        """End whatever still runs and remove the workspace. A second call does nothing.

        :raises ServiceError: if a server cannot be ended.
        """
        self._end_interpreter()
        while self._background:
            self._background.popitem()[1].kill()
        if self._surroundings:
            self._surroundings.close()
