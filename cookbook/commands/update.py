"""Update: rewrites the expected outputs of pages from what happened, for ``cookbook verify --update``."""

import difflib
import os
from pathlib import Path

from ..recipe.correction import correct_page, find_disagreeing, read_corrections
from ..recipe.repository import Repository
from .output import fail, note, print_diff, say


def refuse_in_ci() -> None:
    """Refuse to rewrite pages where nobody looks at what was written.

    :raises typer.Exit: with 2 in CI.
    """
    if os.environ.get("CI", "").lower() not in ("", "0", "false"):
        fail("CI is set: in CI a page's expected output is compared, never written. Run --update where you can look.")


def update_pages(repository: Repository, folder: Path) -> int:
    """Put the corrections of a run onto their pages and show the difference.

    :param folder: where the run has left its corrections.
    :returns: how many steps could not be corrected; each was told.
    """
    corrections = read_corrections(folder)
    disagreeing = find_disagreeing(corrections)
    texts: dict[str, str] = {}
    refused = set()
    for one in corrections:
        if (one.page, one.step) in disagreeing:
            refused.add(f"{one.page}: step {one.step} prints different things in different variants: part it by tabs.")
            continue
        source = texts.get(one.page) or (repository.root / one.page).read_text(encoding="utf-8")
        text = correct_page(source, one)
        if text is None:
            refused.add(
                f"{one.page}: the block of step {one.step} was not found in the page's source. Edit it by hand."
            )
            continue
        texts[one.page] = text
    for page, text in sorted(texts.items()):
        path = repository.root / page
        before = path.read_text(encoding="utf-8")
        diff = difflib.unified_diff(before.splitlines(), text.splitlines(), f"a/{page}", f"b/{page}", lineterm="")
        print_diff("\n".join(diff))
        path.write_text(text, encoding="utf-8")
    if texts:
        pages = f"{len(texts)} page{'s' if len(texts) > 1 else ''}"
        say(f"\nUpdated {pages}. Read the difference: what came is not yet what should come. Then verify again.")
    elif not refused:
        say("No output has to be changed.")
    for sentence in sorted(refused):
        note(sentence)
    return len(refused)
