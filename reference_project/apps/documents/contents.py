"""Finds out what a file is by looking into it; what its sender says is not believed."""

import puremagic
from django.conf import settings
from django.core.files import File

HEAD = 8192
# By what the content is: the ending that the stored file gets.
ENDINGS = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "application/zip": "zip",
    "text/plain": "txt",
}
PLAIN = {9, 10, 12, 13, 27}


class NotAllowed(ValueError):
    """A file that nobody may upload; the message says why."""


def find_type(file: File) -> str:
    """Find out what a file is.

    :param file: the file; read from its start, and left there.
    :returns: its type, like ``application/pdf``.
    :raises NotAllowed: when it is empty, too large, or of a type that is not in
        ``DOCUMENT_TYPES``.

    .. testcode::

        from django.core.files.base import ContentFile

        from apps.documents.contents import find_type

        print(find_type(ContentFile(b"%PDF-1.7 ...", name="holiday.jpg")))
        print(find_type(ContentFile("Grüße".encode(), name="holiday.jpg")))

    .. testoutput::

        application/pdf
        text/plain
    """
    if not file.size:
        raise NotAllowed("The file is empty.")
    if file.size > settings.DOCUMENT_MAX_BYTES:
        raise NotAllowed(
            f"The file has {file.size} bytes; at most {settings.DOCUMENT_MAX_BYTES} are allowed."
        )
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    found = _match_signature(head) or ("text/plain" if is_text(head) else "")
    if found not in settings.DOCUMENT_TYPES:
        allowed = ", ".join(settings.DOCUMENT_TYPES)
        raise NotAllowed(
            f"The content is {found or 'of no known type'}. These types are allowed: {allowed}."
        )
    return found


def is_text(head: bytes) -> bool:
    """Say whether bytes are the beginning of a text in UTF-8.

    :param head: the first bytes of a file.
    :returns: whether they are; a letter that is cut at the end does not count against it.
    """
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:
            return False
        text = head[: error.start].decode()
    return all(ord(letter) >= 32 or ord(letter) in PLAIN for letter in text)


def _match_signature(head: bytes) -> str:
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        matches = []
    if not matches:
        return ""
    known = [match.mime_type for match in matches if match.mime_type in ENDINGS]
    return known[0] if known else matches[0].mime_type or "application/octet-stream"
