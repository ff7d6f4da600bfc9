"""Diffs: applied to the letter or not at all, and then the error names the nearest lines."""

import difflib
import random

import pytest

from cookbook.recipe.patch import PatchError, parse_patch
from cookbook.recipe.problem import RecipeError

HEAD = "diff --git a/f b/f\n--- a/f\n+++ b/f\n"


def make_diff(before: list[str], after: list[str], context: int = 3) -> str:
    lines = difflib.unified_diff(before, after, "a/f", "b/f", lineterm="", n=context)
    return "\n".join(["diff --git a/f b/f", *lines])


@pytest.mark.parametrize("seed", range(60))
def test_what_difflib_writes_applies(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    before = [dice.choice("abcdef") * dice.randint(0, 2) for _ in range(dice.randint(1, 30))]
    after = list(before)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(after) + 1)
        if dice.random() < 0.5 or len(after) < 2:
            after.insert(at, f"new {dice.randint(0, 99)}")
        else:
            after.pop(min(at, len(after) - 1))
    after.append("always another line")
    patch = parse_patch("f", make_diff(before, after, context=dice.randint(0, 3)))
    assert patch.apply("\n".join(before) + "\n") == "\n".join(after) + "\n"


def test_hunk_that_moved_is_found() -> None:
    patch = parse_patch("f", HEAD + "@@ -1,2 +1,2 @@\n one\n-two\n+2\n")
    assert patch.apply("zero\nnull\none\ntwo\n") == "zero\nnull\none\n2\n"


def test_hunk_that_fits_twice_is_refused() -> None:
    patch = parse_patch("f", HEAD + "@@ -9 +9 @@\n-two\n+2\n")
    with pytest.raises(PatchError, match=r"occur 2 times, at lines 1, 3"):
        patch.apply("two\nthree\ntwo\n")


def test_hunk_that_fits_nowhere_names_the_nearest_lines() -> None:
    patch = parse_patch("f", HEAD + "@@ -1,2 +1,2 @@\n alpha\n-beta\n+gamma\n")
    with pytest.raises(PatchError) as caught:
        patch.apply("first\nalpha\nbetta\nlast\n")
    message = str(caught.value)
    assert "Hunk 1 of 1 (@@ -1,2 +1,2 @@) does not apply to f" in message
    assert "nearest lines start at line 2" in message
    assert "- beta " in message
    assert "+ betta " in message


def test_file_is_longer_than_the_hunk_needs() -> None:
    patch = parse_patch("f", HEAD + "@@ -1 +1,2 @@\n one\n+two\n")
    assert patch.apply("one\nthree\n") == "one\ntwo\nthree\n"


def test_resulting_lines_are_those_after_the_change() -> None:
    patch = parse_patch("f", HEAD + "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n@@ -9 +9 @@\n-d\n+D\n")
    assert patch.result() == "a\nB\nc\n\nD\n"


def test_blank_context_that_markup_dropped() -> None:
    patch = parse_patch("f", HEAD + "@@ -1,3 +1,3 @@\n-a\n+A\n b")
    assert patch.apply("a\nb\n\nc\n") == "A\nb\n\nc\n"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b", "diff --git"),
        ("diff --git a/g b/g\n--- a/g\n+++ b/g\n@@ -1 +1 @@\n-a\n+b", "diff --git a/f b/f"),
        (HEAD, "no hunk"),
        (HEAD + "@@ one @@\n-a\n+b", "no hunk header"),
        (HEAD + "@@ -1,2 +1 @@\n-a\n+b", "announces"),
        (HEAD + "@@ -1 +1 @@\n a", "changes nothing"),
        (HEAD + "@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file", "No newline"),
    ],
)
def test_what_is_no_diff(body: str, found: str) -> None:
    with pytest.raises(RecipeError, match=found):
        parse_patch("f", body)
