"""Background steps: ready, log, stop; and every way in which they can go wrong."""

import time

import pytest

from cookbook.runner import background as background_module

from .conftest import shell, step

SERVER = "$ bash serve.sh\nready on 8000"
SCRIPT = "echo starting; echo ready on 8000; {more} while true; do sleep 0.05; done\n"


def serve(bench, more="", before=""):
    bench.write("project/serve.sh", before + SCRIPT.format(more=more))


def background(text=SERVER, **options):
    return step("background", text, name="serve", **options)


def log(text, **options):
    return step("log", text, name="log", target="serve", **{"timeout": 1.0, **options})


def stop(text="", **options):
    return step("stop", text, name="stop", target="serve", **{"timeout": 1.0, **options})


def outcomes(results):
    return [one.outcome for one in results.values()]


def test_a_program_that_becomes_ready_logs_and_stops_passes(bench):
    serve(bench, more="echo one; (sleep 0.3; echo two 22; echo three) &", before="trap 'echo bye; exit' TERM\n")
    results = bench.run(background(), log("two ...\nthree"), stop("bye"))
    assert outcomes(results) == ["passed"] * 3, results


def test_it_starts_from_the_state_of_the_step_before(bench):
    bench.write("project/sub/serve.sh", 'echo "in $(basename $PWD) with $WORD"; sleep 30')
    results = bench.run(
        shell("$ cd sub\n$ export WORD=exports"), background("$ exec bash serve.sh\nin sub with exports"), stop()
    )
    assert results["serve"].outcome == "passed"


def test_a_log_is_read_on_from_where_it_was_read_last(bench):
    serve(bench, more="echo one; echo two;")
    results = bench.run(background(), log("two"), step("log", "one", name="again", target="serve", timeout=0.3))
    assert results["again"].outcome == "failed"
    assert "did not log, within 0.3 seconds" in results["again"].message


def test_one_that_ends_before_it_is_ready_fails_with_its_last_lines(bench):
    results = bench.run(background("$ echo cannot bind; exit 3\nready"))
    assert results["serve"].outcome == "failed"
    assert "before it ended with exit status 3" in results["serve"].message
    assert "cannot bind" in results["serve"].message


def test_one_that_never_becomes_ready_is_ended(bench):
    serve(bench)
    results = bench.run(background("$ bash serve.sh\nready on 9000", timeout=0.4))
    assert "within 0.4 seconds" in results["serve"].message
    assert "ready on 8000" in results["serve"].message


def test_one_without_expected_lines_is_refused(bench):
    assert "the lines of its log" in bench.run(background("$ sleep 5"))["serve"].message


def test_one_that_ignores_sigterm_is_an_error(bench, monkeypatch):
    monkeypatch.setattr(background_module, "STOP_SECONDS", 0.4)
    serve(bench, before="trap '' TERM\n")
    results = bench.run(background(), stop())
    assert results["stop"].outcome == "failed"
    assert "ignores SIGTERM" in results["stop"].message


@pytest.mark.parametrize("child", ["sleep 62 &", "setsid sleep 62 &"])
def test_one_that_leaves_children_is_an_error(bench, child):
    serve(bench, before=f"{child}\n")
    results = bench.run(background(), stop())
    assert results["stop"].outcome == "failed"
    assert "left children running" in results["stop"].message
    assert "sleep 62" in results["stop"].message


def test_one_that_has_ended_cannot_be_stopped(bench):
    results = bench.run(background("$ echo ready; exit 4\nready"), shell("$ sleep 0.2"), stop())
    assert "had ended with exit status 4" in results["stop"].message


def test_a_stop_that_waits_for_other_lines_fails(bench):
    serve(bench, before="trap 'echo bye; exit' TERM\n")
    results = bench.run(background(), stop("farewell"))
    assert results["stop"].outcome == "failed"
    assert "bye" in results["stop"].message


def test_one_that_the_page_never_stops_is_stopped_at_its_end(bench):
    serve(bench)
    results = bench.run(background())
    assert outcomes(results) == ["passed", "passed"]
    assert list(results) == ["serve", "check-background-steps"]
    assert bench.evidence.checks[0].name == "background-steps"


def test_one_that_cannot_be_stopped_at_the_end_fails_the_manifest(bench, monkeypatch):
    monkeypatch.setattr(background_module, "STOP_SECONDS", 0.3)
    serve(bench, before="trap '' TERM\n")
    results = bench.run(background())
    assert results["check-background-steps"].outcome == "failed"
    assert "serve: " in results["check-background-steps"].message
    assert bench.evidence.outcome == "failed"


def test_a_log_of_a_program_that_does_not_run_says_what_does(bench):
    serve(bench)
    results = bench.run(background(), step("log", "x", name="log", target="other"))
    assert "No background step 'other' is running. Running now: serve" in results["log"].message


def test_nothing_is_left_after_a_failure(bench):
    serve(bench, more="setsid sleep 63 &")
    started = time.monotonic()
    bench.run(background(), shell("$ false"))
    found = shell("$ ps -eo args | grep '^sleep 63$'\n[1]")
    assert outcomes(bench.run(found)) == ["passed"]
    assert time.monotonic() - started < 15
