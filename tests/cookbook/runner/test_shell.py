"""Console sessions: what is compared, what goes on to the next step, how a step fails."""

import time

import pytest

from .conftest import shell


def outcome(results, name="step-1"):
    return results[name].outcome, results[name].message or ""


@pytest.mark.parametrize(
    "session",
    [
        "$ cat greeting.txt\nhello\nworld",
        "$ cat greeting.txt\n...\nworld",
        "$ cat greeting.txt\nhel...\n...",
        "$ echo one; echo two >&2; echo three\none\ntwo\nthree",
        "$ printf 'no line break'\nno line break\n$ echo next\nnext",
        "$ false\n[1]",
        "$ echo no; exit 3\nno\n[3]",
        "$ bash -c 'exit 7'\n[7]\n$ echo on\non",
        "$ for word in a b\n> do echo $word\n> done\na\nb",
        "$ echo a \\\n  b\na b",
        "$ cat <<EOF\n> here\n> EOF\nhere",
        "$ name=world\n$ echo $name\nworld",
        "$ git status --short",
        "$ echo 'quo\"ted' \"it's\"\nquo\"ted it's",
        "$ if read -r line; then echo input; else echo none; fi\nnone",
    ],
)
def test_a_session_that_does_what_it_shows_passes(bench, session):
    assert outcome(bench.run(shell(session))) == ("passed", "")


@pytest.mark.parametrize(
    ("session", "told"),
    [
        ("$ echo actual\nexpected", ["`echo actual` printed something else", "-expected", "+actual"]),
        ("$ echo unexpected", ["printed something else", "+unexpected"]),
        ("$ echo said; false", ["exit status 1; the page expects 0", "said"]),
        ("$ true\n[1]", ["exit status 0; the page expects 1"]),
        ("$ false\n[2]", ["exit status 1; the page expects 2"]),
        ("$ false | true", ["exit status 1"]),
        ("$ echo $nothing_of_that_name", ["unbound variable"]),
        ("$ exit 0\n$ echo never\nnever", ["ended the shell", "`echo never`"]),
        ("$ no-such-program", ["exit status 127", "command not found"]),
        ("$ echo 'open", ["exit status"]),
    ],
)
def test_a_session_that_does_something_else_fails(bench, session, told):
    kind, message = outcome(bench.run(shell(session)))
    assert kind == "failed"
    for part in told:
        assert part in message


def test_after_a_wrong_status_nothing_more_is_run(bench):
    mark = bench.root / "ran"
    assert outcome(bench.run(shell(f"$ false\n$ touch {mark}")))[0] == "failed"
    assert not mark.exists()


def test_folder_and_exports_go_on_and_nothing_else(bench):
    results = bench.run(
        shell("$ mkdir sub\n$ cd sub\n$ export SHOWN='two\n> lines'\n$ hidden=1\n$ greet() { echo hi; }"),
        shell('$ basename $PWD\nsub\n$ echo "$SHOWN"\ntwo\nlines\n$ echo ${hidden:-gone}\ngone'),
        shell("$ greet\nbash: ...: greet: command not found\n[127]"),
    )
    assert [one.outcome for one in results.values()] == ["passed"] * 3, results


def test_the_shell_starts_clean(bench, monkeypatch):
    for name in ("DATABASE_URL", "CELERY_BROKER_URL", "DJANGO_SETTINGS_MODULE", "BASH_ENV", "PYTHONPATH"):
        monkeypatch.setenv(name, "leaked")
    results = bench.run(shell('$ echo "${DATABASE_URL-}${CELERY_BROKER_URL-}${DJANGO_SETTINGS_MODULE-}${BASH_ENV-}"\n'))
    assert outcome(results)[1].count("leaked") == 0
    results = bench.run(shell("$ env | grep leaked\n[1]"), shell("$ test -w $HOME && ls -A $HOME"))
    assert [one.outcome for one in results.values()] == ["passed", "passed"]


def test_a_hung_step_is_ended_and_shows_its_last_output(bench):
    started = time.monotonic()
    kind, message = outcome(bench.run(shell("$ echo before\nbefore\n$ echo waiting; sleep 60 & wait\n", timeout=0.5)))
    assert kind == "failed"
    assert "hung: it had not ended after 0.5 seconds" in message
    assert "waiting" in message
    assert "sleep 60" in message
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("command", ["sleep 61 &", "setsid sleep 61 &", "(setsid sleep 61 >/dev/null 2>&1 &)"])
def test_a_child_left_running_is_an_error(bench, command):
    kind, message = outcome(bench.run(shell(f"$ {command}")))
    assert kind == "failed"
    assert "left running" in message
    assert "sleep 61" in message
    assert ":background:" in message


def test_durations_are_normalised_where_the_table_says_so(bench):
    bench.write("conf/normalisers.toml", "[[normaliser]]\nname='s'\npattern='\\d+ s'\ntoken='<s>'\nreason='r'\n")
    assert outcome(bench.run(shell("$ echo took 12 s\ntook 99 s")))[0] == "passed"
    assert outcome(bench.run(shell("$ echo took 12 m\ntook 99 m")))[0] == "failed"
