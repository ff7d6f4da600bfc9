"""All tests of a project run once: by a step, or by the check at the end; again where anything has changed since."""

import pytest

from .conftest import shell, step

# Says how many tests it ran, four or two of them, and leaves a line behind.
SUITE = """#!/bin/sh
echo ran >> RUNS
case $* in
  -q) echo "2 passed, 2 deselected in 0.10s";;
  one) echo "1 passed in 0.10s";;
  "with care") echo "1 failed, 3 passed in 0.10s"; exit 1;;
  *) echo "4 passed in 0.10s";;
esac
"""
RUN = shell("$ ./suite\n4 passed in 0.10s")


@pytest.fixture
def suited(bench):
    runs = bench.write("runs", "")
    bench.write("project/suite", SUITE.replace("RUNS", str(runs))).chmod(0o755)
    bench.add_check("suite", "./suite all", smoke="./suite -q", step="./suite( with care)?")
    return bench


def check(bench, *steps, **options):
    evidence = bench.run(*steps, **options)["check-suite"]
    assert evidence.outcome == "passed", evidence.message
    return evidence.command, evidence.tests, evidence.step


WHOLE = ("./suite all", 4, None)


@pytest.mark.parametrize("first", [True, False])
def test_a_step_that_ran_all_tests_is_enough(suited, first):
    assert check(suited, RUN, shell("$ cd /\n$ echo more\nmore"), first=first) == ("./suite all", 4, "step-1")
    assert (suited.root / "runs").read_text() == "ran\n"


def test_without_such_a_step_all_run(suited):
    assert check(suited, shell("$ true")) == WHOLE
    assert check(suited, shell("$ true"), first=False) == ("./suite -q", 2, None)


@pytest.mark.parametrize(
    "change",
    [
        step("file", "x", path="new"),
        shell("$ echo more >> greeting.txt"),
        shell("$ echo NAME=value > .env"),
        shell("$ export NAME=value"),
        shell("$ mkdir --parents .venv/lib/python3.11/site-packages/django-6.dist-info"),
    ],
    ids=["a file of the page", "a file", "the reader's variables", "a variable", "a package"],
)
def test_what_changed_since_has_all_of_them_run_again(suited, change):
    suited.write("project/.gitignore", ".env\n.venv\n")
    assert check(suited, RUN, change) == WHOLE


def test_what_is_as_it_was_when_they_ran_is_no_change(suited):
    back = shell("$ mv greeting.txt away\n$ mv away greeting.txt")
    assert check(suited, RUN, back) == ("./suite all", 4, "step-1")


@pytest.mark.parametrize(
    "session",
    [
        "$ ./suite all\n4 passed in 0.10s",
        "$ ./suite one\n1 passed in 0.10s",
        "$ ./suite with care of one\n4 passed in 0.10s",
        "$ (./suite)\n4 passed in 0.10s",
        "$ NAME=value ./suite\n4 passed in 0.10s",
        "$ ./suite && touch new\n4 passed in 0.10s",
        "$ ./suite\n4 passed in 0.10s\n$ touch new",
        "$ touch new\n$ ./suite\n4 passed in 0.10s\n$ rm new",
    ],
    ids=[
        "no such step",
        "some",
        "other words",
        "wrapped",
        "another variable",
        "and more",
        "changes after",
        "changes before",
    ],
)
def test_a_step_that_ran_something_else_does_not_count(suited, session):
    assert check(suited, shell(session)) == WHOLE


def test_a_step_whose_tests_fail_does_not_count(suited):
    assert check(suited, shell("$ ./suite with care\n1 failed, 3 passed in 0.10s\n[1]")) == WHOLE
