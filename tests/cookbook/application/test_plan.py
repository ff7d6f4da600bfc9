"""A plan carries steps over under the reader's name, keeps the reader's changes, and explains what it cannot do."""

import os
import subprocess

import pytest

from cookbook.application.problem import ApplicationError

from .bench import EDIT_BROKER, EDIT_STATIC, make_project, make_step, plan

SETTINGS = "shop/settings/base.py"
MODULE = "shop/brokers/amqp.py"


def actions(made):
    return {change.path: change.action for change in made.changes}


def after(made, path):
    return next(change.after for change in made.changes if change.path == path).decode()


def test_steps_are_carried_over_under_the_readers_name(repository, project):
    made = plan(repository, project)
    assert made.conflicts == []
    assert actions(made) == {SETTINGS: "update", MODULE: "create"}
    settings = after(made, SETTINGS)
    assert 'CELERY_BROKER_APP = "shop.celery"' in settings
    assert 'STATIC_ROOT = "static_root"' in settings
    assert 'CELERY_BROKER_URL = "redis' not in settings
    assert "django-cookiecutter" in settings
    assert after(made, MODULE) == "from shop.settings.base import DEBUG\n\nBROKER = not DEBUG\n"
    assert [command.text for command in made.commands] == ["celery -A shop inspect ping", "celery -A shop worker"]


@pytest.mark.parametrize("package", ["my_cookiecutter", "cookiecutter", "cookiecutter_two"])
def test_names_like_the_old_one(repository, tmp_path, package):
    made = plan(repository, make_project(tmp_path / "other", package))
    assert made.conflicts == []
    settings = after(made, f"{package}/settings/base.py")
    assert f"from {package}.settings.environment" in settings
    assert f'CELERY_BROKER_APP = "{package}.celery"' in settings
    assert "made with django-cookiecutter." in settings


def test_the_diffs_are_what_git_applies(repository, project):
    made = plan(repository, project)
    diffs = "".join(change.diff for change in made.changes)
    subprocess.run(["git", "apply", "-"], input=diffs.encode(), cwd=project.root, check=True)
    for change in made.changes:
        assert change.target.read_bytes() == change.after


def test_changes_of_the_reader_are_kept(repository, project):
    settings = project.root / SETTINGS
    settings.write_text(settings.read_text().replace("DEBUG = False", "DEBUG = True\nADMIN = 1"))
    made = plan(repository, project)
    assert made.conflicts == []
    assert "ADMIN = 1" in after(made, SETTINGS)
    assert "amqp://" in after(made, SETTINGS)


def test_what_is_in_already_is_unchanged(repository, project):
    for change in plan(repository, project).changes:
        change.target.parent.mkdir(parents=True, exist_ok=True)
        change.target.write_bytes(change.after)
    made = plan(repository, project)
    assert set(actions(made).values()) == {"unchanged"}
    assert made.pending == []


def test_steps_that_are_in_already_are_skipped(repository, project):
    first = plan(repository, project, make_step("edit", "one", EDIT_BROKER, path="cookiecutter/settings/base.py"))
    (project.root / SETTINGS).write_bytes(first.changes[0].after)
    made = plan(repository, project)
    assert actions(made) == {SETTINGS: "update", MODULE: "create"}
    added = [line for line in made.changes[0].diff.splitlines() if line[0] in "+-" and line[:3] not in ("+++", "---")]
    assert added == ['+STATIC_ROOT = "static_root"']


def test_a_conflict_tells_file_line_and_both_sides(repository, project):
    settings = project.root / SETTINGS
    settings.write_text(settings.read_text().replace("redis://localhost:6379/0", "redis://elsewhere"))
    (conflict,) = plan(repository, project).conflicts
    assert conflict.path == SETTINGS
    assert conflict.yours == ('CELERY_BROKER_URL = "redis://elsewhere"',)
    assert settings.read_text().splitlines()[conflict.line - 1] == conflict.yours[0]
    assert any("amqp://" in line for line in conflict.recipe)
    assert conflict.steps == ("docs/source/how_to/swap.md:10", "docs/source/how_to/swap.md:50")


def test_a_new_file_that_is_there_with_other_content_is_a_conflict(repository, project):
    (project.root / "shop/brokers").mkdir()
    (project.root / MODULE).write_text("BROKER = None\n")
    (conflict,) = plan(repository, project).conflicts
    assert conflict.path == MODULE
    assert conflict.yours == ("BROKER = None",)


def test_a_file_that_is_gone_is_a_conflict(repository, project):
    (project.root / SETTINGS).unlink()
    (conflict,) = plan(repository, project).conflicts
    assert conflict.path == SETTINGS
    assert "not there" in conflict.found


def test_a_new_file_that_is_edited_later_is_folded(repository, project):
    edit = "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n"
    steps = make_step("file", "make", "one\ntwo", path="a.py"), make_step("edit", "change", edit, path="a.py")
    assert after(plan(repository, project, *steps), "a.py") == "one\nthree\n"
    (project.root / "a.py").write_text("one\ntwo\n")
    assert actions(plan(repository, project, *steps)) == {"a.py": "update"}
    (project.root / "a.py").write_text("one\nthree\n")
    assert actions(plan(repository, project, *steps)) == {"a.py": "unchanged"}


def test_crlf_and_a_missing_last_line_end_are_kept(repository, project):
    settings = project.root / SETTINGS
    settings.write_bytes(settings.read_bytes().replace(b"\n", b"\r\n").removesuffix(b"\r\n"))
    content = after(plan(repository, project), SETTINGS)
    assert content.count("\r\n") == content.count("\n")
    assert 'STATIC_ROOT = "static_root"\r\nMEDIA_URL = "media/"' in content
    assert not content.endswith("\n")


def test_content_that_cannot_be_merged_is_a_conflict(repository, project):
    settings = project.root / SETTINGS
    settings.write_bytes(b"# caf\xe9\n" + settings.read_bytes())
    (conflict,) = plan(repository, project).conflicts
    assert "line 1 is no UTF-8" in conflict.found
    settings.write_bytes(settings.read_bytes().replace(b"caf\xe9", b"cafe").replace(b"\n", b"\r\n", 3))
    (conflict,) = plan(repository, project).conflicts
    assert "CRLF" in conflict.found


def test_an_executable_file_becomes_executable(repository, project):
    step = make_step("file", "make", "#!/bin/sh", path="go.sh", executable=True)
    made = plan(repository, project, step)
    assert "new file mode 100755" in made.changes[0].diff
    (project.root / "go.sh").write_text("#!/bin/sh\n")
    made = plan(repository, project, step)
    assert actions(made) == {"go.sh": "update"}
    assert "new mode 100755" in made.changes[0].diff
    (project.root / "go.sh").chmod(0o755)
    assert actions(plan(repository, project, step)) == {"go.sh": "unchanged"}


ENV_EDIT = "diff --git a/.env b/.env\n--- a/.env\n+++ b/.env\n@@ -1,2 +1,3 @@\n A=1\n+APP=cookiecutter\n B=2\n"


def test_an_edit_of_a_file_that_a_command_makes_waits_for_the_command(repository, project):
    steps = (
        make_step("run", "copy", "$ cp .env.example .env"),
        make_step("edit", "set", ENV_EDIT, path=".env"),
    )
    (conflict,) = plan(repository, project, *steps).conflicts
    assert "cp .env.example .env" in conflict.instead
    (project.root / ".env").write_text("# mine\nA=1\nB=2\nC=3\n")
    made = plan(repository, project, *steps)
    assert after(made, ".env") == "# mine\nA=1\nAPP=shop\nB=2\nC=3\n"
    (project.root / ".env").write_text(after(made, ".env"))
    assert actions(plan(repository, project, *steps)) == {".env": "unchanged"}
    (project.root / ".env").write_text("A=2\nB=2\n")
    (conflict,) = plan(repository, project, *steps).conflicts
    assert "does not apply to .env" in conflict.found


def test_an_edit_behind_a_step_and_a_command_takes_both(repository, project):
    path = "cookiecutter/settings/base.py"
    late = EDIT_STATIC.replace(" MEDIA_URL", " MADE_BY_COMMAND").replace(' = "media/"', "")
    steps = (
        make_step("edit", "one", EDIT_BROKER, path=path),
        make_step("run", "sed", "$ sed -i s/MEDIA_URL.*/MADE_BY_COMMAND/ cookiecutter/settings/base.py"),
        make_step("edit", "two", late, path=path),
    )
    (conflict,) = plan(repository, project, *steps).conflicts
    assert "sed -i" in conflict.instead
    settings = project.root / SETTINGS
    settings.write_text(settings.read_text().replace('MEDIA_URL = "media/"', "MADE_BY_COMMAND"))
    made = plan(repository, project, *steps)
    assert "amqp" in after(made, SETTINGS)
    assert "STATIC_ROOT" in after(made, SETTINGS)


def test_an_edit_that_fits_the_reference_nowhere_is_told(repository, project):
    wrong = EDIT_STATIC.replace("MEDIA_URL", "OTHER_URL")
    with pytest.raises(ApplicationError, match=r"swap\.md:10: the step one does not fit the reference project"):
        plan(repository, project, make_step("edit", "one", wrong, path="cookiecutter/settings/base.py"))


def test_steps_that_provoke_errors_are_left_out(repository, project):
    made = plan(
        repository,
        project,
        make_step("run", "check", "$ make check", section="Check it works"),
        make_step("run", "break", "$ rm -r cookiecutter", section="If it fails"),
        make_step("file", "break-more", "x", path="cookiecutter/broken.py", section="If it fails"),
    )
    assert [(command.text, command.section) for command in made.commands] == [("make check", "Check it works")]
    assert made.changes == []


def test_planning_writes_nothing(repository, project):
    before = {path: path.stat().st_mtime_ns for path in project.root.rglob("*")}
    plan(repository, project)
    assert {path: path.stat().st_mtime_ns for path in project.root.rglob("*")} == before


def test_an_unreadable_file_is_a_conflict(repository, project, monkeypatch):
    if os.geteuid() == 0:  # root reads everything
        monkeypatch.setattr("pathlib.Path.read_bytes", refuse_reading(project))
    else:
        (project.root / SETTINGS).chmod(0)
    conflict = plan(repository, project).conflicts[0]
    assert conflict.path == SETTINGS
    assert "cannot be read" in conflict.found


def refuse_reading(project):
    from pathlib import Path

    real = Path.read_bytes

    def read_bytes(path):
        if path == project.root / SETTINGS:
            raise PermissionError(13, "Permission denied")
        return real(path)

    return read_bytes
