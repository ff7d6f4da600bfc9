"""Builds the nodes of a step or an excerpt: its head, its blocks, its copy button; all builders can render them."""

import html
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from pygments.lexers import get_lexer_for_filename
from pygments.util import ClassNotFound

from .domain import step_id

# How the head of a step introduces its block to a reader.
INTRODUCTIONS = {
    "file": "New file",
    "edit": "Edit",
    "run": "Run",
    "background": "Run, and leave it running",
    "log": "In the terminal of",
    "stop": "Press Ctrl-C in the terminal of",
    "python": "In the project's Python",
    "excerpt": "From",
}


def guess_language(path: str) -> str:
    """Return the highlighter's name for a file, ``none`` if there is none."""
    try:
        return get_lexer_for_filename(path).aliases[0]
    except (ClassNotFound, IndexError):
        return "none"


def build_block(text: str, language: str) -> nodes.literal_block:
    """Return a literal block that is highlighted as a language, and never refused for odd content."""
    return nodes.literal_block(text, text, language=language, force=True, xml_space="preserve")


def build_copy_button(text: str, label: str = "Copy") -> nodes.raw:
    """Return a button that puts exactly this text on the clipboard."""
    content = html.escape(text, quote=True).replace("\n", "&#10;")
    button = f'<button type="button" class="cookbook-copy" data-copy="{content}" aria-label="{label}">Copy</button>'
    return nodes.raw("", button, format="html")


def build_head(
    kind: str,
    buttons: list[nodes.raw],
    badge: nodes.inline,
    *,
    name: str | None = None,
    path: str | None = None,
    target: str | None = None,
) -> nodes.container:
    """Return the head: what to do, the file or terminal it is about, its copy buttons, its badge's place, a link.

    The buttons stand here and not over the code, whose first line they would hide on a narrow screen.

    :param badge: what is filled with the badge when the page is written.
    :param name: the step's name; an excerpt has none, and no link of its own.
    """
    head = nodes.container(classes=["cookbook-head"])
    line = nodes.paragraph(classes=["cookbook-caption"])
    line += nodes.inline("", INTRODUCTIONS[kind] + " ", classes=["cookbook-kind"])
    if path:
        line += nodes.literal(path, path)
    if target:
        link = nodes.reference("", target, internal=True, refid=step_id(target))
        line += link
    line += nodes.Text(" ")
    line += buttons
    line += badge
    if name:
        link = nodes.reference("", "#", internal=True, refid=step_id(name), classes=["cookbook-permalink"])
        link["reftitle"] = f"Link to the step {name}"
        line += link
    head += line
    return head


def build_step(
    directive: Directive,
    name: str,
    kind: str,
    blocks: list[nodes.literal_block],
    *,
    copy: str | None = None,
    **content: Any,
) -> list[nodes.Node]:
    """Return a step as one container.

    :param directive: where it was written.
    :param blocks: what the reader sees; an ``edit`` has the diff and the resulting lines.
    :param copy: what the copy button copies: exactly what is run.
    :param content: the other fields of :class:`cookbook.recipe.manifest.Step`.
    """
    step = nodes.container(classes=["cookbook-step", f"cookbook-{kind}"], ids=[step_id(name)])
    step["cookbook_step"] = {"name": name, "kind": kind, **content}
    step.line = directive.lineno
    buttons = [] if copy is None else [build_copy_button(copy, f"Copy {name}")]
    frames = []
    for block in blocks:
        block.line = directive.lineno
        frame = nodes.container("", block, classes=["cookbook-block"])
        if "cookbook-result" in block["classes"]:
            frame["classes"].append("cookbook-result-frame")
            buttons.append(build_copy_button(block.astext() + "\n", f"Copy the resulting lines of {name}"))
        frames.append(frame)
    badge = nodes.inline("", "", classes=["cookbook-badge"], cookbook_badge=name)
    step += build_head(kind, buttons, badge, name=name, path=content.get("path"), target=content.get("target"))
    step += frames
    return [step]
