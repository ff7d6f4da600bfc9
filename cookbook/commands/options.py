"""Options: the ones that several commands share, and the repository that they lead to."""

from pathlib import Path
from typing import Annotated

import typer

from ..recipe.repository import Repository, open_repository
from .output import fail

RepositoryOption = Annotated[
    Path | None,
    typer.Option(
        "--repository",
        metavar="PATH",
        help="A checkout of django-cookiecutter. Without it: the one around the current folder, "
        "else the one that this command was installed from.",
    ),
]
InventoryOption = Annotated[
    Path | None,
    typer.Option(
        "--inventory",
        metavar="FOLDER",
        help="Read this inventory as it is instead of building it from the pages.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs, instead of text.")]
VariantOption = Annotated[
    list[str] | None,
    typer.Option(
        "--variant",
        metavar="FAMILY=LABEL",
        help="The tabs to choose, for example database=MariaDB. Several: repeat it, or part them by commas.",
    ),
]


def find_repository(path: Path | None) -> Repository:
    """Return the repository that a command works on.

    :param path: what ``--repository`` says; without it the current folder's, else that of the installed engine,
        since ``cookbook apply`` is typed inside the reader's own project.
    :raises typer.Exit: with 2 if there is none.
    """
    starts = [path] if path else [Path.cwd(), Path(__file__).parent]
    message = ""
    for start in starts:
        try:
            return open_repository(start)
        except FileNotFoundError as error:
            message = message or str(error)
        except (ValueError, TypeError, OSError) as error:
            fail(f"The settings of the repository at {start} cannot be read: {error}. Restore conf/ from git.")
    fail(message)
