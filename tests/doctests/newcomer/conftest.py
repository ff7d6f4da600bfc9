"""What the tests share: one clean clone, in which `make run` is typed first, as README says.

Two processes halve the time that the tests take: one for all that share the clone, one for Read the Docs.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .clone import clone_repository
from .documents import REPOSITORY
from .newcomer import Newcomer
from .serving import Serving, start_serving


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep together what shares a clone, when the tests run in several processes."""
    item.add_marker(pytest.mark.xdist_group("docs" if item.path.stem == "test_read_the_docs" else "clone"))


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """The folder that the newcomer clones into; everything in it is gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="newcomer-")).resolve()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def fresh(folder: Path) -> Newcomer:
    """Somebody who has cloned the repository and typed nothing yet."""
    return Newcomer(clone_repository(REPOSITORY.root, folder / REPOSITORY.root.name))


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
