"""Plugin: lets pytest run manifests, one item a step and a check; activate it with ``-p cookbook.runner.plugin``.

A manifest's evidence is written when all its items have run, and only then. Manifests may run in parallel
(``-n 2 --dist loadfile --no-loadscope-reorder``); the items of one stay together and in order.
"""

import shlex
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from ..recipe.correction import write_corrections
from ..recipe.evidence import write_evidence
from ..recipe.manifest import Manifest, Step, read_manifest
from ..recipe.repository import Repository, open_repository
from ..recipe.variant import describe
from .evidence import Result
from .failure import first_line
from .session import Session

# Marks the reports of items that a failure before them has blocked.
BLOCKED = "blocked"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("cookbook", "run recipes")
    group.addoption("--cookbook-repository", metavar="PATH", help="the checkout; default: around the current folder")
    group.addoption("--cookbook-evidence", metavar="FOLDER", help="where evidence goes; default: build/evidence")
    group.addoption("--cookbook-select", metavar="ID", action="append", help="run this manifest only; repeatable")
    group.addoption(
        "--cookbook-update", metavar="FOLDER", help="note there what pages should show; what differs is no failure"
    )
    group.addoption(
        "--cookbook-available",
        action="store_true",
        help="skip manifests whose servers are not on this machine, instead of failing them",
    )


def rerun_command(manifest: Manifest) -> str:
    """Return the one command that runs just this recipe in this variant again."""
    command = ["cookbook", "verify", manifest.slug]
    if manifest.variant:
        command += ["--variant", describe(manifest.variant)]
    return shlex.join(command)


class ItemFailure(Exception):  # noqa: N818 - raised for pytest, which shows what repr_failure makes of it
    """An item that failed or is blocked.

    :param result: how it ended.
    """

    def __init__(self, result: Result) -> None:
        super().__init__(first_line(result.message))
        self.result = result


class ManifestFile(pytest.File):
    """One manifest: its items share a session, opened by the first and closed behind the last."""

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest, read from its file."""
        try:
            return read_manifest(self.path)
        except ValueError as error:
            raise self.CollectError(str(error)) from error

    @cached_property
    def repository(self) -> Repository:
        """The checkout that the manifest belongs to."""
        given = self.config.getoption("cookbook_repository")
        try:
            return open_repository(Path(given) if given else self.config.invocation_params.dir)
        except FileNotFoundError as error:
            raise pytest.UsageError(str(error)) from error

    @cached_property
    def run(self) -> Session:
        """The run that the items share."""
        return Session(self.repository, self.manifest, updating=bool(self.config.getoption("cookbook_update")))

    def collect(self) -> Iterable[pytest.Item]:
        """Yield one item a step, in page order, and one a check."""
        steps = {step.name: step for step in self.manifest.steps}
        for name in self.run.items:
            yield StepItem.from_parent(self, name=name, step=steps.get(name))

    @cached_property
    def skip_reason(self) -> str | None:
        """Why nothing of the manifest runs here although nothing is wrong, or None."""
        return self.run.find_missing() if self.config.getoption("cookbook_available") else None

    def teardown(self) -> None:
        """Write the evidence of a complete run, and clear everything away."""
        run = self.run
        folder = self.config.getoption("cookbook_evidence")
        try:
            if run.corrections:
                folder = Path(self.config.getoption("cookbook_update"))
                write_corrections(run.corrections, folder / f"{self.manifest.id}.json")
            elif run.is_complete():
                write_evidence(run.make_evidence(), Path(folder) if folder else self.repository.evidence)
        finally:
            run.close()


class StepItem(pytest.Item):
    """One step, or one check after the last step."""

    parent: ManifestFile

    def __init__(self, *, step: Step | None, **options: Any) -> None:
        super().__init__(**options)
        self.step = step

    def runtest(self) -> None:
        """Perform the item; a missing server skips it where that was asked for."""
        if reason := self.parent.skip_reason:
            self.parent.run.skip(self.name)
            pytest.skip(reason)
        result = self.parent.run.perform(self.name)
        # Where nothing could even start, the first item speaks for all.
        if result.outcome == "blocked" and len(self.parent.run.results) > 1:
            self.user_properties.append((BLOCKED, first_line(result.message)))
        if result.outcome != "passed":
            raise ItemFailure(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Tell the writer of the page where, what, and how to run it again."""
        if not isinstance(excinfo.value, ItemFailure):
            return super().repr_failure(excinfo, style)
        result, manifest = excinfo.value.result, self.parent.manifest
        if (BLOCKED, str(excinfo.value)) in self.user_properties:
            return str(excinfo.value)
        where = f"{self.step.page}:{self.step.line}" if self.step else manifest.page
        what = f"step {self.step.name} ({self.step.kind})" if self.step else f"check {self.name.removeprefix('check-')}"
        return f"{where}  {what}\n\n{result.message}\n\nRun this recipe again: {rerun_command(manifest)}"

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Name the manifest where pytest names a file."""
        return self.config.rootpath / self.parent.manifest.id, self.step.line - 1 if self.step else None, self.name


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ManifestFile | None:
    """Take every manifest of an inventory."""
    if file_path.suffix != ".json" or file_path.parent.name != "manifests":
        return None
    chosen = parent.config.getoption("cookbook_select")
    if chosen and file_path.stem not in chosen:
        return None
    return ManifestFile.from_parent(parent, path=file_path, nodeid=file_path.stem)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run manifests in the order in which they are selected."""
    if chosen := config.getoption("cookbook_select"):
        items.sort(key=lambda item: chosen.index(item.path.stem))


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: pytest.CollectReport | pytest.TestReport) -> tuple[str, str, str] | None:
    """Count blocked items apart from the failure that blocks them. They fail the run all the same."""
    if report.failed and any(key == BLOCKED for key, _ in getattr(report, "user_properties", ())):
        return "blocked", "B", "BLOCKED"
    return None


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse a run of nothing: it would look like success."""
    if not session.items and not session.testsfailed and not hasattr(session.config, "workerinput"):
        chosen = session.config.getoption("cookbook_select")
        if session.config.getoption("numprocesses", None):
            return  # the workers collect
        raise pytest.UsageError(
            f"No manifest{' ' + ', '.join(chosen) if chosen else ''} was found in {', '.join(session.config.args)}. "
            "Build the inventory first: cookbook list"
        )
