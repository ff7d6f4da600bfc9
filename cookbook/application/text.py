"""Text: a file's lines apart from how they are written, so that merging sees the lines and writing keeps the rest."""

from dataclasses import dataclass, replace

MARK = "\ufeff"


class UnreadableError(Exception):
    """A file whose content is no text that could be merged; the message says why."""


@dataclass(frozen=True)
class Text:
    """The content of a text file.

    :param lines: the content with ``\\n`` at the end of every line, the last one too.
    :param ending: what ends its lines: ``\\n``, ``\\r\\n``, or ``mixed``.
    :param final: whether its last line is ended.
    :param mark: whether it starts with a byte order mark.
    """

    lines: str
    ending: str = "\n"
    final: bool = True
    mark: bool = False

    def with_lines(self, lines: str) -> "Text":
        """Return other lines, written the way this text is.

        A last line that lacked its end lacks it still, unless something stands behind it now.
        """
        last = self.lines.rpartition("\n")[0].rpartition("\n")[2]
        keeps_last = lines.rpartition("\n")[0].rpartition("\n")[2] == last
        return replace(self, lines=lines, final=self.final or not keeps_last)

    def encode(self) -> bytes:
        """Return the bytes of the file.

        :raises UnreadableError: if the lines end in different ways: which one new lines take is not ours to choose.
        """
        if self.ending == "mixed":
            raise UnreadableError("Some of its lines end with CRLF and some with LF.")
        lines = self.lines if self.final else self.lines.removesuffix("\n")
        return ((MARK if self.mark else "") + lines.replace("\n", self.ending)).encode()


def decode(content: bytes) -> Text:
    """Read the bytes of a file.

    :raises UnreadableError: if they are not UTF-8, or not text at all.
    """
    if b"\0" in content:
        raise UnreadableError("It holds NUL bytes, so it is no text file.")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableError(f"Its line {line} is no UTF-8 (byte {error.start + 1}).") from error
    mark = text.startswith(MARK)
    text = text.removeprefix(MARK)
    crlf = text.count("\r\n")
    alone = text.count("\n") - crlf
    ending = "mixed" if crlf and alone else "\r\n" if crlf else "\n"
    lines = text.replace("\r\n", "\n")
    final = not lines or lines.endswith("\n")
    return Text(lines if final else lines + "\n", ending, final, mark)
