"""The command ``verify``: what it runs, what it leaves out, what it says."""

import json

from .conftest import shell
from .test_session import NEED


def save_two(bench, **options):
    steps = [shell("$ true", name="only")]
    variants = [bench.manifest(*steps, variant={"database": label}) for label in ("MariaDB", "SQLite")]
    bench.save(*variants, bench.manifest(*steps, slug="other", **options))


def verify(bench, *arguments, check=0):
    return bench.cookbook("verify", *arguments, check=check)


def test_all_is_run_in_parallel_and_summed_up(bench):
    save_two(bench)
    told = verify(bench, "--jobs", "2").stdout
    for name in ("toy[database=MariaDB]", "toy[database=SQLite]", "other"):
        assert f"{name}::only" in told
        assert bench.read_evidence(name)["outcome"] == "passed"
    assert "1/1" in told


def test_the_longest_begin_first_and_before_them_those_of_which_nothing_is_known(bench):
    seconds = {"short": 0.1, "long": 1.5}
    bench.save(*(bench.manifest(shell(f"$ sleep {time}"), slug=slug) for slug, time in seconds.items()))
    verify(bench)
    steps = [shell("$ true"), shell("$ true")]
    known = [bench.manifest(shell(f"$ sleep {time}"), slug=slug) for slug, time in seconds.items()]
    bench.save(*known, bench.manifest(*steps[:1], slug="new"), bench.manifest(*steps, slug="newer"))
    told = verify(bench, "--jobs", "1").stdout
    begun = [line.split("::")[0] for line in told.splitlines() if "::step-1" in line]
    assert begun == ["newer", "new", "long", "short"]


def test_one_variant_as_json(bench):
    save_two(bench)
    done = verify(bench, "toy", "--variant", "database=mariadb", "--json")
    told = json.loads(done.stdout)
    assert [(one["id"], one["outcome"], one["passed"]) for one in told["manifests"]] == [
        ("toy[database=MariaDB]", "passed", 1)
    ]
    assert "PASSED" in done.stderr
    assert [path.stem for path in (bench.root / "build" / "evidence").iterdir()] == ["toy[database=MariaDB]"]


def test_what_does_not_exist_is_refused_with_what_does(bench):
    save_two(bench)
    assert "The recipes are: other, toy." in verify(bench, "nothing", check=2).stderr
    told = verify(bench, "toy", "--variant", "database=Oracle", check=2).stderr
    assert "There are: database=MariaDB, database=SQLite." in told
    assert "is no choice of a tab" in verify(bench, "toy", "--variant", "Oracle", check=2).stderr


def test_only_what_changed_is_run(bench):
    save_two(bench)
    verify(bench, "other")
    done = verify(bench, "--changed", "--json")
    assert json.loads(done.stdout)["unchanged"] == ["other"]
    assert len(json.loads(done.stdout)["manifests"]) == 2
    assert "unchanged since it passed: other" in done.stderr
    bench.write("project/greeting.txt", "changed\n")
    assert json.loads(verify(bench, "--changed", "--json").stdout)["unchanged"] == []


def test_what_boots_a_server_of_its_own_is_left_out_by_quick(bench):
    bench.write("conf/services.toml", NEED + "root = true\n")
    save_two(bench, needs=("tool",))
    done = verify(bench, "--quick", "--json")
    assert {one["slug"] for one in json.loads(done.stdout)["manifests"]} == {"toy"}
    assert "left out, it boots a server of its own: other. Run it: cookbook verify other" in done.stderr


def test_a_failure_and_a_missing_server_are_told_by_the_exit_status(bench):
    bench.write("conf/services.toml", NEED)
    save_two(bench, needs=("tool",))
    assert verify(bench, "other", check=1).stdout.count("NOT RUN: 1 of 1") == 1
    told = verify(bench, "other", "--available").stdout
    assert "NOT RUN: 1 of 1" in told
    assert "Install it:" in told
    bench.save(bench.manifest(shell("$ false")))
    assert "failed" in verify(bench, "--available", check=1).stdout


def test_no_recipe_at_all_fails(bench):
    bench.save()
    assert "There is no recipe" in verify(bench, check=1).stderr


def test_evidence_of_what_is_gone_goes_too(bench):
    save_two(bench)
    verify(bench)
    bench.save(bench.manifest(shell("$ true", name="only")))
    verify(bench)
    assert [path.stem for path in (bench.root / "build" / "evidence").iterdir()] == ["toy"]
