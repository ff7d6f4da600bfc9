"""All tests of a project run once: by a step, or by the check at the end; again where anything has changed since."""

import pytest

from .conftest import shell, step

# Says how many tests it ran: four, or two of them; and notes that it ran.
SUITE = """
echo "$1" >> ../ran
case $1 in
  -q) echo "2 passed, 2 deselected in 0.10s";;
  one) echo "1 passed in 0.10s";;
  wrong) echo "1 failed, 3 passed in 0.10s"; exit 1;;
  *) echo "4 passed in 0.10s";;
esac
"""
RUN = shell("$ ./suite\n4 passed in 0.10s")


@pytest.fixture
def suited(bench):
    (bench.write("project/suite", f"#!/bin/sh\n{SUITE}")).chmod(0o755)
    bench.add_check("suite", "./suite all", smoke="./suite -q", begins="./suite")
    return bench


def check(bench, *steps, **options):
    evidence = bench.run(*steps, **options)["check-suite"]
    assert evidence.outcome == "passed", evidence.message
    return evidence.command, evidence.tests, evidence.step


WHOLE = ("./suite all", 4, None)


def test_a_step_that_ran_all_tests_is_enough(suited):
    assert check(suited, RUN, shell("$ cd /\n$ echo more\nmore")) == ("./suite -q", 4, "step-1")


def test_without_such_a_step_all_run(suited):
    assert check(suited, shell("$ true")) == WHOLE


def test_a_further_variant_is_content_with_the_smaller_set(suited):
    assert check(suited, RUN, first=False) == ("./suite -q", 2, None)


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
    assert check(suited, RUN, back) == ("./suite -q", 4, "step-1")


@pytest.mark.parametrize(
    "session",
    [
        "$ ./suite one\n1 passed in 0.10s",
        "$ NAME=value ./suite\n4 passed in 0.10s",
        "$ ./suite && touch new\n4 passed in 0.10s",
    ],
    ids=["some", "with another variable", "and more"],
)
def test_a_step_that_ran_something_else_does_not_count(suited, session):
    assert check(suited, shell(session)) == WHOLE


def test_a_step_whose_tests_fail_does_not_count(suited):
    assert check(suited, shell("$ ./suite wrong\n1 failed, 3 passed in 0.10s\n[1]")) == WHOLE
