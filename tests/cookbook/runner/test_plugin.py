"""The plugin: items, reports, evidence on disk, and manifests side by side."""

import json

from .conftest import shell, step
from .test_session import NEED


def test_a_manifest_becomes_items_and_evidence(bench):
    bench.add_check("suite", "echo '2 passed in 0.01s'")
    variant = {"broker": "RabbitMQ"}
    bench.save(bench.manifest(shell("$ true", name="start-it"), variant=variant))
    done = bench.pytest(check=0)
    assert "toy[broker=RabbitMQ]::start-it PASSED" in done.stdout
    assert "toy[broker=RabbitMQ]::check-suite PASSED" in done.stdout
    evidence = bench.read_evidence("toy[broker=RabbitMQ]")
    assert (evidence["outcome"], evidence["checks"][0]["tests"]) == ("passed", 2)


def test_a_failure_tells_where_what_and_how_to_run_it_again(bench):
    steps = [shell("$ echo actual\nexpected", name="show-it"), shell("$ true", name="go-on")]
    bench.save(bench.manifest(*steps, variant={"database": "Maria DB"}))
    told = bench.pytest(check=1).stdout
    for part in (
        "docs/toy.md:7  step show-it (run)",
        "`echo actual`",
        "-expected",
        "+actual",
        "cookbook verify toy --variant 'database=Maria DB'",
        "toy[database=Maria DB]::go-on BLOCKED",
        "1 failed, 1 blocked",
    ):
        assert part in told
    assert "Traceback" not in told
    assert "session.py" not in told
    evidence = bench.read_evidence("toy[database=Maria DB]")
    assert [one["outcome"] for one in evidence["steps"]] == ["failed", "blocked"]
    assert evidence["steps"][1]["message"] == "blocked: step show-it failed"


def test_a_run_of_a_part_leaves_the_evidence_as_it_is(bench):
    bench.save(bench.manifest(shell("$ true", name="first"), shell("$ true", name="second")))
    bench.pytest("-k", "first", check=0)
    assert not (bench.root / "build" / "evidence").exists()
    bench.pytest(check=0)
    before = bench.read_evidence()
    bench.save(bench.manifest(shell("$ false", name="first"), shell("$ true", name="second")))
    bench.pytest("-x", check=1)
    assert bench.read_evidence() == before
    bench.pytest(check=1)
    assert bench.read_evidence()["outcome"] == "failed"
    assert [path.name for path in (bench.root / "build" / "evidence").iterdir()] == ["toy.json"]


def test_a_missing_server_fails_with_the_command_that_installs_it(bench):
    bench.write("conf/services.toml", NEED)
    bench.save(bench.manifest(shell("$ true"), shell("$ true"), needs=("tool",)))
    told = bench.pytest(check=1).stdout
    assert told.count("A tool is not here") >= 1
    assert "Install it:" in told
    assert "1 failed, 1 blocked" in told
    assert bench.read_evidence()["outcome"] == "not_run"


def test_with_available_a_missing_server_is_a_visible_skip(bench):
    bench.write("conf/services.toml", NEED)
    bench.save(bench.manifest(shell("$ true"), needs=("tool",)), bench.manifest(shell("$ true"), slug="other"))
    told = bench.pytest("--cookbook-available", check=0).stdout
    assert "toy::step-1 SKIPPED" in told
    assert "1 passed, 1 skipped" in told
    evidence = bench.read_evidence()
    assert (evidence["outcome"], evidence["steps"]) == ("not_run", [])
    assert "Install it:" in evidence["reason"]


def test_no_manifest_at_all_is_no_success(bench):
    bench.save()
    done = bench.pytest(check=4)
    assert "No manifest was found" in done.stderr
    bench.save(bench.manifest(shell("$ true")))
    assert "No manifest other was found" in bench.pytest("--cookbook-select", "other", check=4).stderr


def test_a_file_that_is_no_manifest_is_named(bench):
    folder = bench.save(bench.manifest(shell("$ true")))
    (folder / "manifests" / "bad.json").write_text(json.dumps({"schema": 1}))
    told = bench.pytest(check=2).stdout
    assert "bad.json is no manifest" in told
    assert "Traceback" not in told


def test_two_manifests_use_the_same_literal_port_at_the_same_time(bench, namespaces, tmp_path):
    """Each serves its own page on 8000, and waits with its server up until the other's is up, too."""
    meeting = tmp_path / "meeting"
    meeting.mkdir()

    def manifest(name, other):
        fetch = (
            "$ python -c \"import urllib.request as u; print(u.urlopen('http://127.0.0.1:8000/name').read().decode())\""
        )
        return bench.manifest(
            step("file", name, path="www/name"),
            step(
                "background",
                "$ python -m http.server --bind 127.0.0.1 --directory www 8000\n"
                "Serving HTTP on 127.0.0.1 port 8000 ...",
                name="serve",
            ),
            shell(f"$ touch {meeting}/{name}\n$ while [ ! -e {meeting}/{other} ]; do sleep 0.05; done", timeout=20),
            shell(f"{fetch}\n{name}\n"),
            step("log", '127.0.0.1 - - [...] "GET /name HTTP/1.1" 200 -', name="log", target="serve", timeout=5),
            step("stop", name="stop", target="serve"),
            slug=name,
        )

    bench.save(manifest("one", "two"), manifest("two", "one"))
    done = bench.pytest("-p", "xdist", "-n", "2", "--dist", "loadfile", check=0)
    assert "12 passed" in done.stdout
    assert {bench.read_evidence(name)["isolated"] for name in ("one", "two")} == {True}
