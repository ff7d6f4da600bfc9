"""Python steps: compared as doctest does, names that persist, and a fresh interpreter when the code has changed."""

import pytest

from .conftest import python, shell, step


def message_of(bench, *steps):
    results = bench.run(*steps)
    last = list(results.values())[-1]
    return last.outcome, last.message or ""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("print('one')\nprint()\nprint('two')\n", "one\n\ntwo\n"),
        ("x = 1\n", None),
        ("def double(n):\n    return 2 * n\n\nprint(double(21))\n", "42\n"),
        ("print('a1b')\n", "a...b\n"),
        ("raise ValueError('no')\n", "Traceback (most recent call last):\n    ...\nValueError: no\n"),
    ],
)
def test_testcode_passes(bench, code, expected):
    assert message_of(bench, python(code, expected)) == ("passed", "")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("1 + 1\n", "2\n"),
        ("x = 3\n", ""),
        ("None\n", ""),
        ("{'a': 1}['b']\n", "Traceback (most recent call last):\n...\nKeyError: 'b'\n"),
    ],
)
def test_doctest_passes(bench, code, expected):
    assert message_of(bench, python(code, expected, doctest=True)) == ("passed", "")


@pytest.mark.parametrize(
    ("code", "expected", "doctest", "told"),
    [
        ("print('actual')\n", "expected\n", False, ["print('actual')", "expected", "actual"]),
        ("print('unexpected')\n", None, False, ["unexpected"]),
        ("1 + 1\n", "3\n", True, ["Expected:\n    3\nGot:\n    2"]),
        ("True\n", "1\n", True, ["Got:\n    True"]),
        (
            "raise ValueError('yes')\n",
            "Traceback (most recent call last):\n  ...\nValueError: no\n",
            False,
            ["ValueError: yes"],
        ),
        ("1 / 0\n", "inf\n", True, ["ZeroDivisionError", "Traceback", "1 / 0"]),
        ("def broken(:\n", None, False, ["SyntaxError"]),
        ("exit(3)\n", None, False, ["SystemExit: 3"]),
        ("import os; os._exit(9)\n", None, False, ["The interpreter ended (exit status 9)"]),
    ],
)
def test_python_that_does_something_else_fails(bench, code, expected, doctest, told):
    outcome, message = message_of(bench, python(code, expected, doctest=doctest))
    assert outcome == "failed"
    for part in told:
        assert part in message


def test_the_engine_is_not_in_the_traceback(bench):
    assert "driver.py" not in message_of(bench, python("1 / 0\n"))[1]


def test_names_persist_to_the_next_step_and_past_a_session(bench):
    steps = [python("x = 41\n"), shell("$ true"), python("print(x + 1)\n", "42\n")]
    assert message_of(bench, *steps) == ("passed", "")


@pytest.mark.parametrize("between", [step("file", "y = 2", path="new.py"), shell("$ export CHANGED=1")])
def test_the_interpreter_is_fresh_after_a_change(bench, between):
    outcome, message = message_of(bench, python("x = 41\n"), between, python("print(x)\n", "41\n"))
    assert outcome == "failed"
    assert "NameError: name 'x' is not defined" in message


def test_it_imports_the_project_and_follows_folder_and_exports(bench):
    results = message_of(
        bench,
        step("file", "WORD = 'mine'", path="shell.py"),  # the engine has modules of such names, too
        shell("$ mkdir sub\n$ cd sub\n$ export SHOWN=1"),
        python(
            "import os, shell\nprint(shell.WORD, os.environ['SHOWN'], os.path.basename(os.getcwd()))\n", "mine 1 sub\n"
        ),
    )
    assert results == ("passed", "")


def test_hung_python_is_ended(bench):
    outcome, message = message_of(bench, python("while True: pass\n", timeout=1.0))
    assert outcome == "failed"
    assert "hung" in message


def test_what_is_printed_below_python_does_not_disturb(bench):
    code = "import os, sys\nos.write(1, b'raw')\nprint('err', file=sys.stderr)\nprint('{\"done\": true}')\n"
    assert message_of(bench, python(code, '{"done": true}\n')) == ("passed", "")
