"""File and edit steps: what they write, and what they refuse."""

import pytest

from .conftest import shell, step

DIFF = """diff --git a/greeting.txt b/greeting.txt
--- a/greeting.txt
+++ b/greeting.txt
@@ -1,2 +1,2 @@
-hello
+goodbye
 world"""


def test_a_file_is_written_to_the_letter_with_one_line_break(bench):
    results = bench.run(
        step("file", "#!/bin/sh\n\techo $HOME \\n 'ü'", path="bin/new/tool", executable=True),
        shell("$ cat bin/new/tool\n#!/bin/sh\n\techo $HOME \\n 'ü'\n$ wc -l < bin/new/tool\n2\n$ test -x bin/new/tool"),
    )
    assert results["step-2"].outcome == "passed", results["step-2"].message


@pytest.mark.parametrize("path", ["../outside", "/tmp/outside", "sub/../../outside", ".", None])
def test_a_file_outside_the_project_is_refused(bench, path):
    message = bench.run(step("file", "x", path=path))["step-1"].message
    assert "lies outside the project" in message
    assert not (bench.root / "outside").exists()


def test_a_link_does_not_lead_outside(bench):
    results = bench.run(shell("$ ln -s /tmp away"), step("file", "x", path="away/cookbook-outside"))
    assert "lies outside the project" in results["step-2"].message


def test_a_file_that_is_there_is_refused(bench):
    assert "already there" in bench.run(step("file", "x", path="greeting.txt"))["step-1"].message


def test_two_steps_that_create_the_same_file_are_refused(bench):
    results = bench.run(step("file", "x", path="new"), step("file", "y", path="new"))
    assert results["step-1"].outcome == "passed"
    assert "two steps create the same file" in results["step-2"].message


def test_a_file_below_a_file_is_refused(bench):
    assert "cannot be written" in bench.run(step("file", "x", path="greeting.txt/x"))["step-1"].message


def test_an_edit_is_applied_and_git_shows_it(bench):
    results = bench.run(step("edit", DIFF, path="greeting.txt"), shell("$ git diff --stat -- . | head -n 1\n...2 +-"))
    assert results["step-2"].outcome == "passed", results["step-2"].message


def test_an_edit_that_does_not_apply_names_file_hunk_and_nearest_lines(bench):
    message = bench.run(step("edit", DIFF.replace("-hello", "-hallo"), path="greeting.txt"))["step-1"].message
    for part in (
        "Hunk 1 of 1",
        "greeting.txt",
        "nearest lines start at line 1",
        "hallo   (the diff)",
        "hello   (the file)",
    ):
        assert part in message


def test_an_edit_of_a_file_that_is_not_there_names_it(bench):
    message = bench.run(step("edit", DIFF.replace("greeting", "absent"), path="absent.txt"))["step-1"].message
    assert message.startswith("absent.txt is not there.")


def test_an_edit_keeps_the_line_breaks_of_a_file(bench):
    (bench.root / "project" / "dos.txt").write_bytes(b"hello\r\nworld\r\n")
    diff = (
        DIFF.replace("greeting", "dos")
        .replace("hello", "hello\r")
        .replace("goodbye", "bye\r")
        .replace("world", "world\r")
    )
    results = bench.run(step("edit", diff, path="dos.txt"), shell("$ grep -c $'\\r' dos.txt\n2"))
    assert results["step-2"].outcome == "passed", results["step-1"].message


def test_the_project_itself_is_never_touched(bench):
    bench.run(step("edit", DIFF, path="greeting.txt"), step("file", "x", path="new"))
    assert (bench.root / "project" / "greeting.txt").read_text() == "hello\nworld\n"
    assert not (bench.root / "project" / "new").exists()
