"""Reads the commands that README and CONTRIBUTING show, from their text alone."""

import re
from pathlib import Path

from cookbook.recipe.commands import split_commands
from cookbook.recipe.repository import open_repository

REPOSITORY = open_repository(Path(__file__).parent)
# In the order in which somebody reads them.
DOCUMENTS = ("README.md", "CONTRIBUTING.md")
FENCE = re.compile(
    r"^(?P<marks>`{3,}|~{3,})(?P<language>\S*)[^\n]*\n(?P<body>.*?)^(?P=marks)\s*$", re.MULTILINE | re.DOTALL
)
SHELLS = {"sh", "shell", "bash", "console"}


def list_blocks(document: str) -> list[tuple[str, str]]:
    """Return the fenced blocks of a document in order: language and body."""
    text = (REPOSITORY.root / document).read_text(encoding="utf-8")
    return [(match["language"], match["body"]) for match in FENCE.finditer(text)]


def list_commands() -> list[str]:
    """Return every command that the documents show, once each, in reading order."""
    blocks = [block for document in DOCUMENTS for block in list_blocks(document)]
    commands = [command for language, body in blocks if language in SHELLS for command in split_commands(body)]
    return list(dict.fromkeys(commands))
