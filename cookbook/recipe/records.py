"""Records: files of evidence, each written in one piece: who reads one sees the old or the new, never half of it."""

import os
import tempfile
from pathlib import Path
from typing import Any, TypeVar

import msgspec

Content = TypeVar("Content")


def write_record(path: Path, content: Any) -> Path:
    """Write a record in the place of the one before; its folder is made if need be.

    :param path: the file.
    :param content: what msgspec can write as JSON.
    :returns: the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(content), indent=1))
    Path(name).chmod(0o644)
    return Path(name).replace(path)


def read_record(path: Path, kind: type[Content]) -> Content | None:
    """Read a record.

    :param path: the file.
    :param kind: the type of its content.
    :returns: the content; None if there is no file, or one that holds something else: that is no evidence.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None
