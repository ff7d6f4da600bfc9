"""The inventory is brought up to date by Sphinx; its problems and failures are told."""

import subprocess
import sys
import threading
import time

import pytest
import typer

from cookbook.commands import inventory as inventory_module
from cookbook.commands.inventory import refresh

PROBLEM = '[{"page": "docs/source/how_to/swap.md", "line": 7, "found": "It is empty.", "instead": "Add a step."}]'


class Sphinx:
    """Takes Sphinx's place: writes these problems, prints these lines, ends with this status."""

    def __init__(self, repository, monkeypatch):
        self.problems = repository.inventory / "problems.json"
        self.written, self.status, self.printed, self.pause = "[]", 0, "", 0.0
        self.running = self.most = 0
        self.command, self.calls = None, 0
        self.real = subprocess.run
        monkeypatch.setattr(inventory_module.subprocess, "run", self)

    def __call__(self, command, **others):
        if "sphinx" not in command:
            return self.real(command, **others)
        self.command = command
        self.calls += 1
        self.running += 1
        self.most = max(self.most, self.running)
        time.sleep(self.pause)
        if self.written is not None:
            self.problems.write_text(self.written)
        self.running -= 1
        return subprocess.CompletedProcess(command, self.status, "", self.printed)


@pytest.fixture
def sphinx(repository, monkeypatch):
    return Sphinx(repository, monkeypatch)


def test_sphinx_of_this_python_builds_it(sphinx, repository):
    assert {manifest.slug for manifest in refresh(repository).manifests} == {"swap", "store", "site"}
    assert sphinx.command[:5] == [sys.executable, "-m", "sphinx", "-b", "inventory"]
    assert sphinx.command[-2:] == [str(repository.docs), str(repository.inventory)]


@pytest.mark.parametrize("status", [0, 1])
def test_problems_are_told_with_page_and_line(sphinx, repository, capsys, status):
    sphinx.written, sphinx.status = PROBLEM, status
    with pytest.raises(typer.Exit) as caught:
        refresh(repository)
    assert caught.value.exit_code == 2
    assert "docs/source/how_to/swap.md:7: It is empty. Add a step." in capsys.readouterr().err


def test_a_failure_of_sphinx_shows_its_last_lines_not_old_problems(sphinx, repository, capsys):
    sphinx.problems.write_text(PROBLEM)
    sphinx.written, sphinx.status, sphinx.printed = None, 2, "first\n" * 50 + "ExtensionError: no such thing\n"
    with pytest.raises(typer.Exit) as caught:
        refresh(repository)
    assert caught.value.exit_code == 2
    told = capsys.readouterr().err
    assert "ExtensionError: no such thing" in told
    assert "It is empty" not in told
    assert told.count("first") < 25


def test_calls_at_the_same_time_wait_for_each_other(sphinx, repository):
    sphinx.pause = 0.1
    threads = [threading.Thread(target=refresh, args=(repository,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sphinx.most == 1
    assert sphinx.command is not None


def test_sphinx_is_started_only_after_a_change(sphinx, repository):
    for _ in range(2):
        assert len(refresh(repository).manifests) == 5
    assert sphinx.calls == 1
    (repository.docs / "new.md").write_text("# A new page\n")
    refresh(repository)
    assert sphinx.calls == 2
    # Of the inventory itself, too.
    (repository.inventory / "manifests" / "swap.json").unlink()
    assert len(refresh(repository).manifests) == 4
    assert sphinx.calls == 3


def test_pages_with_mistakes_are_read_again(sphinx, repository):
    sphinx.written = PROBLEM
    for _ in range(2):
        with pytest.raises(typer.Exit):
            refresh(repository)
    assert sphinx.calls == 2
