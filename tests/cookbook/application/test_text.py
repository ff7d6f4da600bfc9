"""Lines are merged, how they are written is kept."""

import pytest

from cookbook.application.text import UnreadableError, decode


@pytest.mark.parametrize("content", [b"", b"a\n", b"a", b"a\r\nb\r\n", b"a\r\nb", b"\xef\xbb\xbfa\n", "é\n".encode()])
def test_bytes_come_back_as_they_were(content):
    assert decode(content).encode() == content


def test_new_lines_are_written_the_way_the_file_is():
    assert decode(b"a\r\nb\r\n").with_lines("a\nx\nb\n").encode() == b"a\r\nx\r\nb\r\n"
    assert decode(b"\xef\xbb\xbfa\n").with_lines("x\n").encode() == b"\xef\xbb\xbfx\n"


def test_a_last_line_without_end_keeps_lacking_it_unless_something_follows():
    assert decode(b"a\nb").with_lines("x\na\nb\n").encode() == b"x\na\nb"
    assert decode(b"a\nb").with_lines("a\nb\nc\n").encode() == b"a\nb\nc\n"


def test_what_cannot_be_merged_is_told():
    with pytest.raises(UnreadableError, match="line 2 is no UTF-8"):
        decode(b"a\ncaf\xe9\n")
    with pytest.raises(UnreadableError, match="NUL"):
        decode(b"a\0b")
    with pytest.raises(UnreadableError, match="CRLF"):
        decode(b"a\r\nb\n").encode()
