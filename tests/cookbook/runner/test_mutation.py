"""Mutation: which lines are changed how, what counts as noticed, and where on the page they stand."""

import json

import pytest

from cookbook.recipe.patch import parse_patch
from cookbook.runner.mutants import change_line, count_untouched, list_mutants, locate

from .conftest import python, shell, step
from .test_files import DIFF
from .test_session import NEED


def told(one):
    return [(mutant.text.strip(), mutant.change) for mutant in list_mutants(one)]


def test_each_line_of_a_file_is_left_out_but_comments_and_docstrings():
    text = '"""A module."""\n\n# comment\nx = 1\n\n\ndef f():\n    """Say."""\n    return x  # this is code'
    assert told(step("file", text, path="new.py")) == [
        ("x = 1", "left out"),
        ("def f():", "left out"),
        ("return x  # this is code", "left out"),
    ]
    assert told(step("file", "# a\nA=1\n#!x", path=".env")) == [("A=1", "left out"), ("#!x", "left out")]
    assert told(step("file", '{\n"a": 1\n}', path="a.json"))[1] == ('"a": 1', "left out")


def test_each_change_of_a_diff_is_left_out_or_kept():
    edit = step("edit", DIFF, path="greeting.txt")
    plus, minus = sorted(list_mutants(edit), key=lambda one: one.change, reverse=True)[::-1]
    assert (plus.change, minus.change) == ("kept", "left out")
    texts = {one.change: one.changed.text for one in (plus, minus)}
    assert parse_patch("greeting.txt", texts["left out"]).apply("hello\nworld\n") == "world\n"
    assert parse_patch("greeting.txt", texts["kept"]).apply("hello\nworld\n") == "hello\ngoodbye\nworld\n"
    assert count_untouched(edit) == 5


def test_a_diff_that_is_left_without_a_change_is_left_out():
    text = DIFF.replace("@@ -1,2 +1,2 @@", "@@ -1,2 +1,1 @@").replace("+goodbye\n", "")
    [mutant] = list_mutants(step("edit", text, path="greeting.txt"))
    assert mutant.changed is None


def test_commands_are_left_out_and_each_line_of_output_is_changed():
    session = shell("$ one\nout 1\n...\n$ two \\\n  more\n[1]\n$ # nothing\n")
    assert told(session) == [
        ("$ one", "left out"),
        ("out 1", "changed to 'out 2'"),
        ("$ two \\", "left out"),
        ("[1]", "changed to '[2]'"),
    ]
    left_out = [mutant for mutant in list_mutants(session) if mutant.change == "left out"]
    assert left_out[0].changed.text == "$ :\nout 1\n...\n$ two \\\n  more\n[1]\n$ # nothing\n"
    assert left_out[1].changed.text == "$ one\nout 1\n...\n$ # nothing\n"
    assert [mutant.obvious for mutant in left_out] == [True, False]
    assert list_mutants(shell("$ one"))[0].changed is None


def test_python_is_changed_line_by_line_and_example_by_example():
    code = "x = 1\n# why\nif x:\n    print(x)\n"
    assert [text for text, _ in told(python(code, "1\n"))] == ["x = 1", "if x:", "print(x)", "1"]
    assert told(python("1 + 1\n", "2\n", doctest=True)) == [("1 + 1", "left out"), ("2", "changed to '3'")]


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("passed", "passex"),
        ("12 passed.", "12 passex."),
        ("status 9", "status 0"),
        ("x", "y"),
        ("---", "---x"),
        ("a...", "x..."),
    ],
)
def test_a_line_is_changed_in_one_character(line, changed):
    assert change_line(line) == changed


def test_a_line_is_found_on_the_page(bench):
    page = (
        "# Toy\n\n1. Do it.\n\n   ```{run}\n   :name: do-it\n\n   $ echo one\n   one\n   $ echo two\n   two\n   ```\n"
    )
    bench.write("docs/toy.md", page)
    one = step("run", "$ echo one\none\n$ echo two\ntwo", name="do-it")
    lines = [locate(mutant, bench.root) for mutant in list_mutants(one)]
    assert lines == [8, 9, 10, 11]
    page = "````{testcode}\n:name: x\n\nx = 1\nprint(x)\n````\n\n```{testoutput}\n1\n```\n"
    bench.write("docs/toy.md", "\n" * 6 + page)
    lines = [locate(mutant, bench.root) for mutant in list_mutants(python("x = 1\nprint(x)\n", "1\n"))]
    assert lines == [10, 11, 15]


def save_toy(bench):
    """A recipe with two known survivors: a line that is never read, and an export that nothing uses."""
    bench.write("docs/toy.md", "\n" * 6 + "```{file} new.txt\nused\nunused\n```\n")
    bench.save(
        bench.manifest(
            step("file", "used\nunused", name="write-it", path="new.txt"),
            shell("$ grep used new.txt | head -n 1\nused\n$ export UNUSED=1", name="read-it"),
            step("background", "$ python -c 'print(\"ready\"); import time; time.sleep(60)'\nready", name="serve"),
            step("stop", name="stop", target="serve"),
            python("print(40 + 2)\n", "42\n", name="count"),
        )
    )


def test_survivors_are_reported_with_page_and_line(bench):
    save_toy(bench)
    done = bench.cookbook("mutate", "--json", "--jobs", "2", check=1)
    report = json.loads(done.stdout)
    assert [(one["page"], one["line"], one["text"], one["change"]) for one in report["survived"]] == [
        ("docs/toy.md", 9, "unused", "left out"),
        ("docs/toy.md", 7, "$ export UNUSED=1", "left out"),
    ]
    assert (report["mutants"], report["killed"], report["score"]) == (9, 7, 0.7778)
    assert report["judged"] == 4
    assert report["recipes"]["toy"]["mutants"] == 9
    assert not (bench.root / "build" / "evidence").exists()


def test_accepted_survivors_are_listed_with_their_reason(bench):
    save_toy(bench)
    rows = [("write-it", "unused", "It shows a second line."), ("read-it", "$ export UNUSED=1", "Later pages use it.")]
    table = "".join(f"[[survivor]]\nstep = '{step}'\nline = '{line}'\nreason = '{why}'\n" for step, line, why in rows)
    bench.write("conf/survivors.toml", table + "[[survivor]]\nstep = 'gone'\nline = 'x'\nreason = 'y'\n")
    done = bench.cookbook("mutate", check=0)
    assert "accepted: It shows a second line." in done.stdout
    assert "7 of 9 changes noticed (78%)" in done.stdout
    assert "speaks of 'x' in gone" in done.stderr


def test_a_recipe_that_fails_as_it_stands_is_not_mutated(bench):
    bench.save(bench.manifest(shell("$ false", name="only")))
    told = bench.cookbook("mutate", check=1).stderr
    assert "toy fails as it stands, at only" in told
    assert "cookbook verify toy" in told


def test_a_sample_is_the_same_each_time(bench):
    save_toy(bench)
    reports = [json.loads(bench.cookbook("mutate", "--sample", "2", "--json").stdout) for _ in range(2)]
    assert reports[0] == reports[1]
    assert reports[0]["mutants"] == 2


def test_one_step_can_be_changed_alone(bench):
    save_toy(bench)
    alone = json.loads(bench.cookbook("mutate", "--step", "count", "--json").stdout)
    assert 0 < alone["mutants"] < json.loads(bench.cookbook("mutate", "--json").stdout)["mutants"]
    told = bench.cookbook("mutate", "--step", "coumt", check=2).stderr
    assert "No step of the chosen recipes is called 'coumt'" in told
    assert "count" in told.partition("They are:")[2]


def test_a_variant_whose_server_is_missing_is_left_out_on_request(bench):
    bench.write("conf/services.toml", NEED)
    steps = [shell("$ cat greeting.txt\nhello\nworld", name="greet")]
    bench.save(
        bench.manifest(*steps, variant={"database": "SQLite"}),
        bench.manifest(*steps, variant={"database": "MariaDB"}, needs=("tool",)),
    )
    assert "A tool is not here" in bench.cookbook("mutate", check=1).stderr
    done = bench.cookbook("mutate", "--available", "--json", check=0)
    assert "left out: toy[database=MariaDB]" in done.stderr
    assert json.loads(done.stdout)["score"] == 1.0
    told = bench.cookbook("mutate", "--available", "--variant", "database=MariaDB", check=1).stderr
    assert "Nothing is left to change" in told
