"""Substitution: where a server has no standard port of its own, its real address takes the page's place; recorded."""

from dataclasses import replace

from ..recipe.manifest import Step


def substitute(step: Step, table: dict[str, str]) -> tuple[Step, dict[str, str]]:
    """Return the step with what is to be read in place of its addresses.

    :param table: what stands on the page → what is run instead.
    :returns: the step, and the rows of the table that it used.
    """
    used: dict[str, str] = {}

    def put(text: str) -> str:
        for written in sorted(table, key=len, reverse=True):
            if written in text:
                used[written] = table[written]
                text = text.replace(written, table[written])
        return text

    if not table:
        return step, used
    examples = tuple(
        replace(
            example,
            code=put(example.code),
            expected=None if example.expected is None else put(example.expected),
        )
        for example in step.examples
    )
    return replace(step, text=put(step.text), examples=examples), used
