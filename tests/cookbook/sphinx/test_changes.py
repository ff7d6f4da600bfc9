"""The list of changes: read from its data file, with its proofs; a file that is wrong is refused in words."""

import pytest

from cookbook.recipe.wrong_form import WrongForm
from cookbook.sphinx.changes import read_changes, write_list

GOOD = '[[change]]\nnumber = 2\nwas = "It was blue."\nnow = "It is green."\nsteps = ["paint/mix"]\n'


@pytest.fixture
def data(tmp_path):
    def write(text):
        path = tmp_path / "changes.toml"
        path.write_text(text)
        return path

    return write


def test_changes_are_listed_in_order_with_their_proofs(data):
    first = '[[change]]\nnumber = 1\nwas = "No lid."\nnow = "A lid."\nopen = "It is being made."\n'
    lines = "\n".join(write_list(read_changes(data(GOOD + first))))
    assert lines.startswith("1 of 2 are closed; 1 open.")
    assert lines.index("No lid.") < lines.index("It was blue.")
    assert "Proof: {step}`paint/mix`." in lines
    assert "*Open:* It is being made." in lines


def test_entry_says_what_its_wrong_forms_make_fail(data):
    def form(of, fails):
        return WrongForm(of=of, right="a", wrong="b", fails=fails, message="c", step="mix")

    forms = [form(2, "paint/mix"), form(2, "tests/test_paint.py::test_mix"), form(2, "paint/mix"), form(3, "paint/dry")]
    lines = "\n".join(write_list(read_changes(data(GOOD)), forms))
    assert "Putting the wrong form back makes {step}`paint/mix` and `tests/test_paint.py::test_mix` fail." in lines
    assert "paint/dry" not in lines
    assert "Putting" not in "\n".join(write_list(read_changes(data(GOOD))))


def test_what_has_no_number_has_a_name_and_stands_at_the_end(data):
    named = GOOD.replace("number = 2", 'name = "Loose lid"')
    lines = "\n".join(write_list(read_changes(data(named + GOOD))))
    assert lines.index("**2.**") < lines.index("(change-loose-lid)=\n**Loose lid.**")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD + GOOD, "more than one entry numbered 2"),
        (GOOD.replace("number = 2", ""), "without number and name"),
        ('[[change]]\nnumber = 1\nwas = "a"\nnow = "b"\n', "neither proof nor reason"),
        ('[[change]]\nnumber = 1\nwas = "a"\n', "now"),
        (GOOD + 'prof = "x"\n', "prof"),
        ("[[change]\n", "Expected"),
    ],
)
def test_wrong_file_is_refused_in_words(data, text, told):
    with pytest.raises(ValueError, match=told):
        read_changes(data(text))
