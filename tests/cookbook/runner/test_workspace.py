"""Workspaces: a fresh copy under git, an environment of its own, and nothing left behind."""

import subprocess
import tempfile

import pytest

from cookbook.runner import uv as uv_module
from cookbook.runner.failure import StepFailure
from cookbook.runner.folders import Folder, remove_abandoned
from cookbook.runner.session import Session
from cookbook.runner.uv import find_uv
from cookbook.runner.workspace import Workspace

from .conftest import shell, step

PROJECT = """[project]
name = "toy"
version = "1"
requires-python = ">=3.11"
dependencies = []

[tool.uv]
package = false
"""


@pytest.fixture
def locked(bench):
    """A project with a lock, whose environment is made by uv."""
    bench.write("conf/cookbook.toml", 'reference = "project"\nenvironment = "uv sync --frozen --quiet"\n')
    bench.write("project/pyproject.toml", PROJECT)
    subprocess.run([find_uv(bench.root), "lock", "--quiet"], cwd=bench.root / "project", check=True)
    return bench


def test_the_copy_is_clean_under_git_and_ignored_files_stay_behind(bench):
    subprocess.run(["git", "init", "--quiet"], cwd=bench.root, check=True)
    bench.write(".gitignore", "*.sqlite3\n")
    bench.write("project/db.sqlite3", "data")
    bench.write("project/new.txt", "git does not know it yet")
    results = bench.run(
        shell("$ git status --short\n$ git log --format=%s\nThe project\n$ ls\ngreeting.txt\nnew.txt"),
        shell(
            '$ echo x > mine\n$ git add mine\n$ git commit --quiet --message "Mine"\n$ git log -1 --format=%an\nReader'
        ),
    )
    assert [one.outcome for one in results.values()] == ["passed"] * 2, results


def test_nothing_is_left_behind(bench):
    session = Session(bench.repository, bench.manifest(shell("$ touch $HOME/x $TMPDIR/y"), shell("$ false")))
    session.perform("step-1")
    folder = session._surroundings.workspace.folder
    assert (folder / "home" / "x").exists()
    session.close()
    assert not folder.exists()


def test_a_clone_of_the_repository_is_one_of_the_working_tree_and_the_evidence_says_so(bench):
    address = "https://git.example.org/toy.git"
    bench.write("conf/cookbook.toml", f'reference = "project"\naddress = "{address}"\n')
    bench.write("project/new.txt", "nobody has published this yet")
    clone = shell(f"$ git clone --quiet {address} ~/toy\n$ cat ~/toy/project/new.txt\nnobody has published this yet")
    session = Session(bench.repository, bench.manifest(clone, workspace="site"))
    assert session.perform("step-1").outcome == "passed", session.results
    assert address in session.make_evidence().substitutions
    session.close()
    silent = Session(bench.repository, bench.manifest(shell("$ true"), workspace="site"))
    silent.perform("step-1")
    assert silent.make_evidence().substitutions == {}
    silent.close()


def test_a_site_workspace_is_the_whole_repository_and_has_no_project_checks(bench):
    bench.add_check("suite", "false")
    results = bench.run(shell("$ ls\nconf\nproject"), workspace="site")
    assert {name: one.outcome for name, one in results.items()} == {"step-1": "passed"}


def test_each_workspace_has_an_environment_of_its_own(locked):
    results = locked.run(
        shell('$ python -c "import sys; print(sys.prefix)" | sed "s:$PWD/::"\n.venv'),
        shell('$ pip --version | sed "s:$PWD/::"\npip ... from .venv/lib/...\n$ test "$VIRTUAL_ENV" = "$PWD/.venv"'),
        shell("$ git status --short\n$ grep --count -i . $PIP_CONSTRAINT\n...", name="constraints"),
        step("file", "x = 1", path="module.py"),
    )
    assert [one.outcome for one in list(results.values())[:2]] == ["passed"] * 2, results
    cached = list((locked.root / "build" / "cache" / "environments").iterdir())
    assert [one.is_dir() for one in cached if not one.name.startswith(".")] == [True]


def test_a_change_in_one_environment_does_not_reach_the_next(locked):
    change = shell(
        "$ site=.venv/lib/python*/site-packages\n$ cd $site\n$ mkdir new\n$ echo 'x = 1' > new/__init__.py\n"
        "$ rm -r pip/_vendor\n$ sed --in-place 's/./#/' pip/__init__.py"
    )
    assert locked.run(change)["step-1"].outcome == "passed"
    spares = list((locked.root / "build" / "cache" / "environments").glob(".spare-*"))
    assert len(spares) == 1
    intact = shell("$ pip --version | cut -c 1-4\npip\n$ python -c 'import new' 2> /dev/null\n[1]")
    assert locked.run(intact)["step-1"].outcome == "passed"
    change = shell(
        "$ pip uninstall --quiet --yes pip\n"
        "$ python -c 'import pip' 2>&1 | tail -n 1 | cut -c 1-19\nModuleNotFoundError\n[1]"
    )
    locked.run(change)
    assert locked.run(shell("$ python -c 'import pip'"))["step-1"].outcome == "passed"


def test_what_a_site_needs_is_prepared_once_and_the_site_itself_is_that_of_its_copy(locked):
    """The site installs itself by its path; a verification inside a copy finds what is prepared."""
    settings = PROJECT.replace("package = false", "package = true")
    built = '[build-system]\nrequires = ["hatchling>=1.27"]\nbuild-backend = "hatchling.build"\n\n'
    locked.write("pyproject.toml", built + settings + '[tool.hatch.build]\ninclude = ["toy.py"]\n')
    locked.write("toy.py", "print(__file__)\n")
    subprocess.run([find_uv(locked.root), "lock", "--quiet"], cwd=locked.root, check=True)
    cache = locked.root / "build" / "cache"
    look = shell(f'$ python -c "import toy" | sed "s:$PWD/::"\ntoy.py\n$ echo $COOKBOOK_CACHE\n{cache}')
    for _ in range(2):
        result = locked.run(look, workspace="site")["step-1"]
        assert result.outcome == "passed", result.message
    environments = [one for one in (cache / "environments").iterdir() if not one.name.startswith(".")]
    assert len(environments) == 1
    assert not list(environments[0].glob("lib/python*/site-packages/toy-*"))


def test_an_environment_that_cannot_be_made_says_what_was_tried(locked):
    locked.write("conf/cookbook.toml", 'reference = "project"\nenvironment = "uv sync --frozen --no-such-option"\n')
    message = locked.run(shell("$ true"))["step-1"].message
    assert "environment could not be made" in message
    assert "--no-such-option" in message


def test_a_uv_that_is_not_there_is_named(locked, monkeypatch):
    monkeypatch.setenv("COOKBOOK_UV", "/nowhere/uv")
    assert "/nowhere/uv" in locked.run(shell("$ true"))["step-1"].message
    monkeypatch.delenv("COOKBOOK_UV")
    monkeypatch.setattr(uv_module.shutil, "which", lambda _name: None)
    monkeypatch.setattr(uv_module.sys, "executable", "/nowhere/python")
    with pytest.raises(StepFailure, match=r"pip install --target .uv uv"):
        find_uv(locked.root)


def test_the_callers_settings_for_packages_are_carried_and_nothing_else(bench, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://example.org/simple")
    monkeypatch.setenv("DATABASE_URL", "leaked")
    workspace = Workspace.create(bench.repository, bench.manifest(shell("$ true")))
    try:
        assert workspace.environment["PIP_INDEX_URL"] == "https://example.org/simple"
        assert "leaked" not in workspace.environment.values()
        assert workspace.environment["HOME"].startswith(str(workspace.folder))
    finally:
        workspace.close()


def test_the_folders_of_a_killed_run_are_removed_and_those_in_use_are_not(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    mine, abandoned = Folder("cookbook-"), Folder("cookbook-")
    (abandoned.path / "data").write_text("left")
    abandoned._lock.close()
    remove_abandoned("cookbook-")
    assert mine.path.exists()
    assert not abandoned.path.exists()
    mine.close()
    assert not mine.path.exists()
