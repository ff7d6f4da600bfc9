"""A record is there as a whole, or it counts as none."""

import msgspec
import pytest

from cookbook.recipe.records import read_record, write_record


def test_what_is_written_is_read(tmp_path):
    path = write_record(tmp_path / "evidence" / "a.json", {"a": 1})
    assert path == tmp_path / "evidence" / "a.json"
    assert read_record(path, dict[str, int]) == {"a": 1}
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_later_record_takes_the_place_of_the_one_before(tmp_path):
    path = tmp_path / "a.json"
    for value in (1, 2):
        write_record(path, value)
    assert read_record(path, int) == 2
    assert [one.name for one in tmp_path.iterdir()] == ["a.json"]


def test_what_cannot_be_written_leaves_the_record_before(tmp_path):
    path = write_record(tmp_path / "a.json", 1)
    with pytest.raises(TypeError):
        write_record(path, object())
    assert read_record(path, int) == 1


@pytest.mark.parametrize("text", [None, "{", '"text"'])
def test_anything_else_is_no_record(tmp_path, text):
    if text is not None:
        (tmp_path / "a.json").write_text(text)
    assert read_record(tmp_path / "a.json", int) is None


def test_a_record_is_replaced_in_one_piece(tmp_path, monkeypatch):
    path = write_record(tmp_path / "a.json", 1)
    seen = []
    monkeypatch.setattr(msgspec.json, "format", lambda text, **_: seen.append(path.read_bytes()) or text)
    write_record(path, 2)
    assert (seen, path.read_bytes()) == ([b"1"], b"2")
