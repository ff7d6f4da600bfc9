"""Three-way merging keeps both sides' changes, sees what is in already, and never guesses."""

import random

from cookbook.application.merge import merge


def text(lines):
    return "".join(f"{line}\n" for line in lines)


BASE = text("abcdefgh")


def test_changes_of_both_sides_are_joined():
    merged = merge(text(["mine", *"bcdefgh"]), [BASE, text([*"abcdef", "new", *"gh"])])
    assert not merged.conflicts
    assert merged.lines == text(["mine", *"bcdef", "new", *"gh"])


def test_a_conflict_names_both_sides_and_the_readers_line():
    merged = merge(text([*"abc", "mine", *"efgh"]), [BASE, text([*"abc", "recipe", *"efgh"])])
    (region,) = merged.conflicts
    assert (region.line, region.yours, region.base, region.recipe) == (4, ("mine",), ("d",), ("recipe",))


def test_what_is_in_already_changes_nothing():
    final = text([*"abc", "recipe", *"efgh"])
    assert merge(final, [BASE, final]).lines == final


def test_what_is_in_already_and_was_built_upon_changes_nothing():
    final = text([*"abcd", "recipe", *"efgh"])
    yours = text([*"abcd", "recipe", "mine below it", *"efgh"])
    merged = merge(yours, [BASE, final])
    assert not merged.conflicts
    assert merged.lines == yours


def test_a_change_of_the_readers_is_not_taken_for_the_recipes():
    # The recipe removes d; the reader has changed it.
    merged = merge(text([*"abc", "mine", *"efgh"]), [BASE, text("abcefgh")])
    assert len(merged.conflicts) == 1


def test_a_later_step_goes_on_from_an_earlier_one_that_is_in():
    first, final = text([*"abc", "one", *"efgh"]), text([*"abc", "two", *"efgh"])
    assert merge(first, [BASE, first, final]).lines == final


def test_an_earlier_step_that_clashes_is_not_passed_over():
    # The second step alone would fit; the first clashes with the reader's line, so nothing may be merged.
    first = text([*"abc", "one", *"efgh"])
    final = text([*"abc", "one", *"efg", "two"])
    assert merge(text([*"abc", "mine", *"efgh"]), [BASE, first, final]).conflicts


def test_long_underlines_are_no_markers():
    base = text(["=" * 80, "a", "<" * 90, "b"])
    merged = merge(text(["=" * 80, "mine", "<" * 90, "b"]), [base, text(["=" * 80, "recipe", "=" * 85, "b"])])
    (region,) = merged.conflicts
    assert region.recipe == ("recipe", "=" * 85)
    assert region.yours == ("mine", "<" * 90)


def test_a_line_like_its_neighbours_is_added_once():
    base, final = text(["", "}", "b", "a"]), text(["", "}", "}", "b", "a"])
    merged = merge(text(["mine", "}", "b", "mine"]), [base, final])
    assert merged.lines == text(["mine", "}", "}", "b", "mine"])
    assert merge(merged.lines, [base, final]) == merged


def change(lines, words):
    lines = list(lines)
    for _ in range(random.randint(1, 2)):  # noqa: S311
        at = random.randint(0, len(lines))  # noqa: S311
        if random.random() < 0.6:  # noqa: S311
            lines[at:at] = [random.choice(words) for _ in range(random.randint(1, 3))]  # noqa: S311
        else:
            del lines[at : at + 1]
    return lines


def test_merging_twice_is_merging_once_even_where_lines_repeat():
    random.seed(5)
    words = ["a", "b", "}", "", "x = 1"]
    clean = 0
    for _ in range(150):
        base = [random.choice(words) for _ in range(random.randint(3, 14))]  # noqa: S311
        states = [text(base), text(change(base, [*words, "new"]))]
        merged = merge(text(change(base, [*words, "mine"])), states)
        if not merged.conflicts:
            clean += 1
            assert merge(merged.lines, states) == merged
    assert clean > 50
