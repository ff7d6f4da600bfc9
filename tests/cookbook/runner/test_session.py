"""A manifest's run: blocking, checks, servers that are missing or do not come up, substitutions."""

import msgspec
import pytest

from cookbook.recipe.digest import chain_steps
from cookbook.runner.session import Session
from cookbook.runner.substitution import substitute
from cookbook.runner.summaries import count_tests

from .conftest import python, shell, step

NEED = """
[tool]
label = "A tool"
kind = "program"
packages = ["a-tool"]
programs = ["no-such-program-of-cookbook"]
"""


def outcomes(results):
    return {name: one.outcome for name, one in results.items()}


def test_after_a_failure_the_rest_is_blocked_checks_too(bench):
    bench.add_check("system", "true")
    results = bench.run(shell("$ true"), shell("$ false"), shell("$ touch never"))
    assert outcomes(results) == {
        "step-1": "passed",
        "step-2": "failed",
        "step-3": "blocked",
        "check-system": "blocked",
    }
    assert results["step-3"].message == "blocked: step step-2 failed"
    assert bench.evidence.outcome == "failed"


def test_evidence_tells_what_was_proved(bench):
    bench.add_check("suite", "echo '== 3 passed, 1 skipped in 0.10s =='")
    manifest = bench.manifest(shell("$ true"), step("file", "x", path="new"))
    bench.run(*manifest.steps)
    evidence = bench.evidence
    assert evidence.outcome == "passed"
    assert {one.name: one.digest for one in evidence.steps} == chain_steps(
        manifest, bench.repository.base_digest(manifest)
    )
    assert evidence.digest == evidence.steps[-1].digest
    assert evidence.started.endswith("+00:00")
    assert (evidence.checks[0].name, evidence.checks[0].tests) == ("suite", 3)
    assert evidence.duration > sum(one.duration for one in evidence.steps) > 0


def test_a_failing_check_fails_the_manifest_and_shows_its_output(bench):
    bench.add_check("suite", "echo two wrong; exit 3")
    results = bench.run(shell("$ true"))
    assert results["check-suite"].outcome == "failed"
    assert "`echo two wrong; exit 3`" in results["check-suite"].message
    assert "exit status 3" in results["check-suite"].message
    assert "    two wrong" in results["check-suite"].message
    assert bench.evidence.outcome == "failed"


@pytest.mark.parametrize(("first", "command"), [(True, "echo whole"), (False, "echo smoke")])
def test_further_variants_run_the_smoke_set(bench, first, command):
    bench.add_check("suite", "echo whole", smoke="echo smoke")
    assert bench.run(shell("$ true"), first=first)["check-suite"].command == command


def test_checks_run_with_what_the_steps_exported_in_the_projects_folder(bench):
    bench.add_check("suite", 'test "$WORD" = shown && test -f greeting.txt')
    results = bench.run(shell("$ export WORD=shown\n$ mkdir sub\n$ cd sub"))
    assert results["check-suite"].outcome == "passed", results["check-suite"].message


@pytest.mark.parametrize(
    ("line", "tests"),
    [
        ("12 passed in 0.53s", 12),
        ("===== 1 failed, 2 passed, 3 skipped, 1 warning in 61.20s (0:01:01) =====", 3),
        ("2 passed, 1 xfailed, 5 deselected in 1.00s", 3),
        ("no tests ran in 0.01s", None),
        ("Ran 4 tests in 0.003s", 4),
        ("all good", None),
    ],
)
def test_tests_are_counted_by_the_summary_line(line, tests):
    assert count_tests(["collected", line, ""]) == tests


def test_a_missing_need_blocks_everything_and_says_how_to_get_it(bench):
    bench.write("conf/services.toml", NEED)
    results = bench.run(shell("$ true"), needs=("tool",))
    assert outcomes(results) == {"step-1": "blocked"}
    assert "A tool is not here" in results["step-1"].message
    assert "Install it:" in results["step-1"].message
    assert "a-tool" in results["step-1"].message
    assert bench.evidence.outcome == "not_run"
    assert bench.evidence.reason == results["step-1"].message


def test_an_unknown_need_blocks_everything(bench):
    bench.write("conf/services.toml", NEED)
    results = bench.run(shell("$ true"), needs=("toool",))
    assert "does not know toool; it knows tool" in results["step-1"].message
    assert bench.evidence.outcome == "failed"


def test_a_project_without_files_blocks_everything(bench):
    (bench.root / "project" / "greeting.txt").unlink()
    assert "holds no file" in bench.run(shell("$ true"))["step-1"].message


def test_substitutions_reach_text_and_expectations_and_are_listed():
    table = {"localhost:5432": "localhost:41000", "127.0.0.1:5432": "127.0.0.1:41000"}
    changed, used = substitute(shell("$ connect localhost:5432\nto localhost:5432"), table)
    assert changed.text == "$ connect localhost:41000\nto localhost:41000"
    assert used == {"localhost:5432": "localhost:41000"}
    changed, used = substitute(python("ask('127.0.0.1:5432')\n", "127.0.0.1:5432\n"), table)
    assert (changed.examples[0].code, changed.examples[0].expected) == ("ask('127.0.0.1:41000')\n", "127.0.0.1:41000\n")
    assert substitute(shell("$ true"), table)[1] == {}


def test_without_namespaces_a_run_says_so_and_records_what_it_swapped(bench, monkeypatch):
    monkeypatch.setenv("COOKBOOK_NO_NAMESPACES", "1")
    manifest = bench.manifest(shell("$ echo localhost:5432\nlocalhost:5432"))
    session = Session(bench.repository, manifest)
    try:
        session.open()
        session._surroundings.substitutions["localhost:5432"] = "localhost:41000"
        assert session.perform("step-1").outcome == "passed"
        evidence = session.make_evidence()
    finally:
        session.close()
    assert evidence.isolated is False
    assert evidence.substitutions == {"localhost:5432": "localhost:41000"}
    # What is digested is the page, not what took its place here.
    assert evidence.digest == chain_steps(manifest, bench.repository.base_digest(manifest))["step-1"]
    assert msgspec.json.encode(evidence)


def test_a_step_on_the_host_network_sees_another_network(bench, namespaces):
    bench.write("project/net.sh", "readlink /proc/self/ns/net > $1\n")
    results = bench.run(
        shell("$ bash net.sh own"),
        shell("$ bash net.sh host", network="host"),
        shell("$ bash net.sh own-again\n$ cmp own own-again\n$ cmp --silent own host\n[1]"),
    )
    assert results["step-3"].outcome == "passed", results["step-3"].message
