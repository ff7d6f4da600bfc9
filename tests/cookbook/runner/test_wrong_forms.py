"""Wrong forms: put into a step or a file of a copy, and run up to the step that is to notice them."""

import pytest

from cookbook.recipe.wrong_form import PATIENCE, WrongForm, put_back, read_wrong_forms
from cookbook.runner.trial import Noticed, NotStarted, try_manifest

from .conftest import shell, step
from .test_session import NEED

FORM = '[[form]]\nof = 1\nright = "a"\nwrong = "b"\nfails = "toy/greet"\nmessage = "m"\n'


def make_form(**given):
    given = {"of": 1, "right": "hello", "wrong": "goodbye", "fails": "toy/greet", "message": "", **given}
    return WrongForm(**given)


@pytest.fixture
def manifest(bench):
    greet, after = "$ cat greeting.txt\nhello\nworld", "$ echo after >> ../after.txt"
    return bench.manifest(
        step("file", "hello", name="write", path="new.txt"),
        shell("$ cat new.txt\nhello", name="read"),
        shell(greet, name="greet"),
        shell(after, name="after"),
    )


def test_wrong_form_of_a_file_is_noticed_and_the_file_stays_as_it_is(bench, manifest):
    form = make_form(file="project/greeting.txt")
    spoilt = put_back(manifest, form, bench.repository)
    assert [one.name for one in spoilt.steps] == ["put-the-wrong-form-back", "write", "read", "greet"]
    noticed = try_manifest(bench.repository, spoilt, last="greet")
    assert noticed.item == "greet"
    assert "-hello" in noticed.message and "+goodbye" in noticed.message
    assert (bench.root / "project/greeting.txt").read_text() == "hello\nworld\n"
    assert not (bench.root / "build" / "evidence").exists()


def test_wrong_form_of_a_step_is_noticed_where_it_shows(bench, manifest):
    spoilt = put_back(manifest, make_form(step="write"), bench.repository)
    assert try_manifest(bench.repository, spoilt, last="greet").item == "read"


def test_steps_that_would_notice_sooner_are_left_out(bench, manifest):
    form = make_form(step="write", fails="toy/after", without=("read", "greet"))
    spoilt = put_back(manifest, form, bench.repository)
    assert [one.name for one in spoilt.steps] == ["write", "after"]
    assert try_manifest(bench.repository, spoilt, last="after") is None


def test_what_nobody_notices_is_told(bench, manifest):
    spoilt = put_back(manifest, make_form(step="read", right="$ cat", wrong="$ command cat"), bench.repository)
    bench.add_check("never", "false")
    assert try_manifest(bench.repository, spoilt, last="greet") is None
    assert try_manifest(bench.repository, manifest).item == "check-never"


def test_lines_that_are_not_to_come_are_not_waited_for_as_long(bench):
    serve = step("background", "$ sleep 99\nready", name="serve", timeout=90)
    follow = step("log", "x", name="follow", target="serve", timeout=90)
    manifest = bench.manifest(serve, follow, shell("$ :", name="end", timeout=90))
    form = make_form(step="serve", right="99", wrong="98")
    for last, limit in (("serve", PATIENCE), ("follow", PATIENCE), ("end", 90)):
        form = make_form(step="serve", right="99", wrong="98", fails=f"toy/{last}")
        assert put_back(manifest, form, bench.repository).steps[-1].timeout == limit


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"step": "nowhere"}, "has no step nowhere"),
        ({"step": "write", "fails": "toy/nothing"}, "has no step nothing"),
        ({"step": "write", "without": ("never",)}, "has no step never"),
        ({"step": "write", "right": "absent"}, "stands 0 times in the step write"),
        ({"file": "project/greeting.txt", "right": "o"}, "stands 2 times in project/greeting.txt"),
    ],
)
def test_form_that_does_not_fit_is_refused(bench, manifest, given, told):
    with pytest.raises(ValueError, match=told):
        put_back(manifest, make_form(**given), bench.repository)


def test_manifest_that_cannot_start_tells_nothing(bench):
    bench.write("conf/services.toml", NEED)
    with pytest.raises(NotStarted, match="A tool is not here"):
        try_manifest(bench.repository, bench.manifest(shell("$ :"), needs=("tool",)))


def test_failure_says_what_noticed(bench):
    assert try_manifest(bench.repository, bench.manifest(shell("$ false", name="only"))) == Noticed(
        "only", "`false` ended with exit status 1; the page expects 0. It printed:\n    (no output)"
    )


def test_data_file_is_read(tmp_path):
    path = tmp_path / "wrong.toml"
    path.write_text("provoked = [1]\n" + FORM + 'step = "greet"\n')
    found = read_wrong_forms(path)
    assert found.provoked == (1,)
    assert found.form[0].is_of_recipe
    assert not make_form(fails="tests/test_a.py::test_it").is_of_recipe
    for wrong in (FORM, FORM + 'step = "x"\nfile = "y"\n'):
        path.write_text("provoked = [1]\n" + wrong)
        with pytest.raises(ValueError, match="either `step` or `file`"):
            read_wrong_forms(path)
