"""What the tests share: one clean clone, in which `make run` is typed first, as README says.

Two processes halve the time that the tests take: one for all that share the clone, one for Read the Docs and the rest.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from .clone import clone_repository, lend_evidence
from .documents import REPOSITORY
from .newcomer import Newcomer
from .serving import Serving, start_serving


class TwoProcesses(LoadScopeScheduling):
    """Keeps together what shares a clone.

    xdist's own groups would say the same, but 3.8 loses them on pytest 9.2: all tests were spread, with a clone each.
    """

    def _split_scope(self, nodeid: str) -> str:
        for alone in ("test_applying.py", "test_wrong_forms.py"):
            if alone in nodeid:
                return alone
        return "docs" if "test_read_the_docs.py" in nodeid else "clone"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> TwoProcesses:
    """Distribute the tests in that way, whatever ``--dist`` says."""
    return TwoProcesses(config, log)


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """The folder that the newcomer clones into; everything in it is gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="newcomer-")).resolve()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def fresh(folder: Path) -> Newcomer:
    """Somebody who has cloned the repository and typed nothing yet."""
    clone = clone_repository(REPOSITORY.root, folder / REPOSITORY.root.name)
    lend_evidence(REPOSITORY.root, clone)
    return Newcomer(clone)


@pytest.fixture(scope="session")
def serving(fresh: Newcomer) -> Iterator[Serving]:
    """`make run`, at the point where it waits for Ctrl-C."""
    serving = start_serving(fresh)
    yield serving
    serving.end()


@pytest.fixture(scope="session")
def newcomer(fresh: Newcomer, serving: Serving) -> Newcomer:
    """Somebody who has typed `make run` and has seen it come up."""
    assert serving.ready, f"`make run` did not come up:\n{serving.output()}"
    return fresh
