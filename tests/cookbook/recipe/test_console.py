"""Console sessions: what is a command, what is its output, what status is expected."""

import pytest

from cookbook.recipe.console import clipboard_text, parse_session
from cookbook.recipe.problem import RecipeError


def test_commands_with_output_and_status() -> None:
    first, second, third = parse_session("$ echo a\na\n\n$ false\n[1]\n$ true\n")
    assert (first.text, first.expected, first.status, first.offset) == ("echo a", ("a",), 0, 0)
    assert (second.text, second.expected, second.status, second.offset) == ("false", (), 1, 3)
    assert (third.text, third.expected) == ("true", ())


def test_output_before_the_status_is_kept() -> None:
    (command,) = parse_session("$ cat missing\ncat: missing: No such file\n[1]\n")
    assert command.expected == ("cat: missing: No such file",)
    assert command.status == 1


def test_blank_lines_inside_output_are_kept() -> None:
    (command,) = parse_session("$ printf 'a\\n\\nb\\n'\na\n\nb\n\n")
    assert command.expected == ("a", "", "b")


@pytest.mark.parametrize("session", ["$ cat <<E\n> one\n> E\none", "$ echo \\\n  one\none"])
def test_continued_commands(session: str) -> None:
    (command,) = parse_session(session)
    assert "\n" in command.text
    assert command.expected == ("one",)


def test_a_prompt_inside_output_needs_a_command_to_continue() -> None:
    (command,) = parse_session("$ echo '> quoted'\nfirst\n> quoted")
    assert command.expected == ("first", "> quoted")


@pytest.mark.parametrize(
    ("session", "found"),
    [("", "no command"), ("echo a", "'echo a'"), ("$ ls\n...", "only `...`"), ("$ ls\n...\n...\n[1]", "only `...`")],
)
def test_what_is_no_session(session: str, found: str) -> None:
    with pytest.raises(RecipeError, match=found):
        parse_session(session)


def test_clipboard_has_commands_only() -> None:
    commands = parse_session("$ echo a\na\n$ cat <<E\n> b\n> E\nb\n")
    assert clipboard_text(commands) == "echo a\ncat <<E\nb\nE\n"
