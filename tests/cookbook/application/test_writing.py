"""Changes are written all together; whatever goes wrong, every byte is put back."""

import os
from pathlib import Path

import pytest

from cookbook.application.problem import ApplicationError
from cookbook.application.writing import write_changes

from .bench import STEPS, make_step, plan, read_tree

MODULE = "shop/brokers/amqp.py"


def test_all_is_written_and_nothing_is_left_over(repository, project):
    made = plan(repository, project)
    names = set(read_tree(project.root))
    write_changes(made.pending, project)
    for change in made.changes:
        assert change.target.read_bytes() == change.after
    assert set(read_tree(project.root)) == names | {MODULE, "shop/brokers"}


def test_modes_are_kept_and_new_files_follow_the_umask(repository, project):
    (project.root / "shop/settings/base.py").chmod(0o640)
    old = os.umask(0o027)
    try:
        step = make_step("file", "make", "#!/bin/sh", path="go.sh", executable=True)
        write_changes(plan(repository, project).pending, project)
        write_changes(plan(repository, project, step).pending, project)
    finally:
        os.umask(old)
    modes = {name: mode & 0o777 for name, (_, mode) in read_tree(project.root).items()}
    assert modes["shop/settings/base.py"] == 0o640
    assert modes[MODULE] == 0o640
    assert modes["go.sh"] == 0o750


def test_a_file_becomes_executable_for_those_who_read_it(repository, project):
    (project.root / "go.sh").write_text("#!/bin/sh\n")
    (project.root / "go.sh").chmod(0o640)
    step = make_step("file", "make", "#!/bin/sh", path="go.sh", executable=True)
    write_changes(plan(repository, project, step).pending, project)
    assert (project.root / "go.sh").stat().st_mode & 0o777 == 0o750


def break_replace(monkeypatch, number, error):
    """Let the replacing of a file's place fail the given time."""
    real = Path.replace
    calls = []

    def replace(path, target):
        calls.append(path)
        if len(calls) == number:
            raise error
        return real(path, target)

    monkeypatch.setattr(Path, "replace", replace)


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_on_the_way_puts_everything_back(repository, project, monkeypatch, number, error):
    first, last = (make_step("file", name, "x", path=f"{name}/{name}.py") for name in ("first", "last"))
    made = plan(repository, project, first, *STEPS[:1], last)
    assert [change.action for change in made.changes] == ["create", "update", "create"]
    before = read_tree(project.root)
    break_replace(monkeypatch, number, error)
    expected = ApplicationError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected) as caught:
        write_changes(made.pending, project)
    assert read_tree(project.root) == before
    if expected is ApplicationError:
        assert "No space left" in str(caught.value)
        assert "Everything was put back" in str(caught.value)


@pytest.mark.parametrize("call", ["os.fsync", "os.fdopen", "shutil.copy2"])
def test_a_failure_before_the_first_place_is_taken_changes_nothing(repository, project, monkeypatch, call):
    made = plan(repository, project)
    before = read_tree(project.root)

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"cookbook.application.writing.{call}", fail)
    with pytest.raises(ApplicationError, match="put back"):
        write_changes(made.pending, project)
    assert read_tree(project.root) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_changes_nothing(repository, project):
    made = plan(repository, project)
    folder = project.root / "shop/settings"
    folder.chmod(0o555)
    before = read_tree(project.root)
    try:
        with pytest.raises(ApplicationError, match="put back"):
            write_changes(made.pending, project)
        assert read_tree(project.root) == before
    finally:
        folder.chmod(0o755)


def test_what_changed_since_the_plan_is_not_overwritten(repository, project):
    made = plan(repository, project)
    (project.root / "shop/settings/base.py").write_text("# changed meanwhile\n")
    before = read_tree(project.root)
    with pytest.raises(ApplicationError, match="changed meanwhile"):
        write_changes(made.pending, project)
    assert read_tree(project.root) == before


def test_a_link_put_there_since_the_plan_is_not_followed(repository, project, tmp_path):
    made = plan(repository, project)
    outside = tmp_path / "outside"
    outside.mkdir()
    (project.root / "shop/brokers").symlink_to(outside)
    with pytest.raises(ApplicationError, match="outside the project"):
        write_changes(made.pending, project)
    assert list(outside.iterdir()) == []


def test_what_could_not_be_put_back_is_told(repository, project, monkeypatch):
    made = plan(repository, project)
    real = Path.replace
    calls = []

    def replace(path, target):
        calls.append(path)
        if len(calls) > 1:
            raise OSError(5, "Input/output error")
        return real(path, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(ApplicationError, match="Not everything could be put back"):
        write_changes(made.pending, project)
