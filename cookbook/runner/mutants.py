"""Mutants: what a step becomes when one of its lines is left out or changed.

Comments and docstrings are no content, and neither are a diff's context and headers: that diffs apply strictly is a
matter of the engine's own tests. Each mutant knows the line of the page that it touches.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from ..recipe.console import EXIT_STATUS, Command, parse_session
from ..recipe.manifest import PythonExample, Step
from ..recipe.matching import ANY_LINES
from ..recipe.patch import HUNK

COMMENT_MARKS = {
    **dict.fromkeys((".js", ".ts", ".css", ".scss"), ("//", "/*", "*")),
    **dict.fromkeys((".html", ".md", ".xml", ".svg"), ("<!--",)),
    **dict.fromkeys((".ini", ".cfg"), ("#", ";")),
    ".sql": ("--",),
    ".json": (),
}
LEFT_OUT = "left out"
KEPT = "kept"


@dataclass(frozen=True)
class Mutant:
    """A step with one line changed.

    :param step: the step as the page has it.
    :param changed: the step as it is run, or None if nothing of it is left.
    :param offset: the touched line within the step's text, counted from 0.
    :param text: that line.
    :param change: what was done to it.
    :param expectation: True if only what is expected was changed, and not what is done.
    :param obvious: True if the line was left out and the output that the page shows for it was not: nothing prints
        it any more, so the comparison cannot miss it.
    """

    step: Step
    changed: Step | None
    offset: int
    text: str
    change: str
    expectation: bool = False
    obvious: bool = False


def change_line(line: str) -> str:
    """Return a line that differs in one character: the last letter or digit."""
    for index in range(len(line) - 1, -1, -1):
        old = line[index]
        if old.isalnum():
            new = str((int(old) + 1) % 10) if old in "0123456789" else "x" if old != "x" else "y"
            return line[:index] + new + line[index + 1 :]
    return line + "x"


def list_mutants(step: Step) -> list[Mutant]:
    """Return every mutant of a step, in the order of its lines."""
    makers = {"file": _mutate_file, "edit": _mutate_edit, "run": _mutate_session, "background": _mutate_session}
    makers |= {"log": _mutate_log, "stop": _mutate_log, "python": _mutate_python}
    return list(makers[step.kind](step))


def count_untouched(step: Step) -> int:
    """Return how many lines of a diff no mutant touches because they are its context or headers."""
    if step.kind != "edit":
        return 0
    return sum(1 for number, line in enumerate(step.text.splitlines()) if number < 3 or line[:1] not in ("+", "-"))


def _is_comment(line: str, path: str | None) -> bool:
    marks = COMMENT_MARKS.get(PurePosixPath(path or "").suffix, ("#",))
    text = line.strip()
    if text.startswith('"""') and text.endswith('"""') and len(text) > 5:  # a docstring of one line
        return True
    return bool(marks) and text.startswith(marks) and not text.startswith("#!")


def find_docstrings(text: str) -> set[int]:
    """Return the lines of Python's docstrings, counted from 0; none if the text is no Python."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return set()
    found: set[int] = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and body:
            first = body[0]
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                found.update(range(first.lineno - 1, first.end_lineno or first.lineno))
    return found


def _mutate_file(step: Step) -> Iterator[Mutant]:
    lines = step.text.split("\n")
    skipped = find_docstrings(step.text) if (step.path or "").endswith(".py") else set()
    for number, line in enumerate(lines):
        if line.strip() and number not in skipped and not _is_comment(line, step.path):
            rest = [*lines[:number], *lines[number + 1 :]]
            changed = replace(step, text="\n".join(rest)) if any(one.strip() for one in rest) else None
            yield Mutant(step, changed, number, line, LEFT_OUT)


def _fix_headers(lines: list[str]) -> str | None:
    """Return a diff with the counts of its hunks put right, without hunks that change nothing; None if none is left."""
    head, hunks = lines[:3], []
    for line in lines[3:]:
        if HUNK.match(line):
            hunks.append([line])
        else:
            hunks[-1].append(line)
    kept = []
    for header, *body in hunks:
        if any(line[:1] in ("+", "-") for line in body):
            match = HUNK.match(header)
            assert match  # noqa: S101 - it was found by the same expression
            old = sum(line[:1] != "+" for line in body)
            new = sum(line[:1] != "-" for line in body)
            kept += [f"@@ -{match[1]},{old} +{match[3]},{new} @@{match[5]}", *body]
    return "\n".join([*head, *kept]) if kept else None


def _mutate_edit(step: Step) -> Iterator[Mutant]:
    lines = step.text.rstrip("\n").split("\n")
    for number, line in enumerate(lines):
        if number < 3 or line[:1] not in ("+", "-") or not line[1:].strip() or _is_comment(line[1:], step.path):
            continue
        put = [] if line[0] == "+" else [" " + line[1:]]
        text = _fix_headers([*lines[:number], *put, *lines[number + 1 :]])
        changed = replace(step, text=text) if text else None
        yield Mutant(step, changed, number, line, LEFT_OUT if line[0] == "+" else KEPT)


def _mutate_session(step: Step) -> Iterator[Mutant]:
    lines = step.text.split("\n")
    commands = parse_session(step.text)
    ends = [command.offset for command in commands[1:]] + [len(lines)]
    for command, end in zip(commands, ends, strict=True):
        if not command.text.startswith("#"):
            # The line goes, its output stays where it is; a command that shows nothing goes without a trace.
            shows = bool(command.expected) and step.kind == "run"
            first_output = command.offset + command.text.count("\n") + 1
            put = ["$ :", *lines[first_output:end]] if shows else []
            rest = [*lines[: command.offset], *put, *lines[end:]]
            changed = replace(step, text="\n".join(rest)) if any(one.strip() for one in rest) else None
            yield Mutant(step, changed, command.offset, lines[command.offset], LEFT_OUT, obvious=shows)
        yield from _change_output(step, lines, command, end)


def _change_output(step: Step, lines: list[str], command: Command, end: int) -> Iterator[Mutant]:
    for number in range(command.offset + command.text.count("\n") + 1, end):
        line = lines[number]
        if EXIT_STATUS.match(line):
            yield _expect(step, lines, number, f"[{1 if command.status != 1 else 2}]")
        elif line.strip() not in ("", ANY_LINES):
            yield _expect(step, lines, number, change_line(line))


def _expect(step: Step, lines: list[str], number: int, new: str) -> Mutant:
    changed = replace(step, text="\n".join([*lines[:number], new, *lines[number + 1 :]]))
    return Mutant(step, changed, number, lines[number], f"changed to {new.strip()!r}", expectation=True)


def _mutate_log(step: Step) -> Iterator[Mutant]:
    lines = step.text.split("\n")
    for number, line in enumerate(lines):
        if line.strip() not in ("", ANY_LINES):
            yield _expect(step, lines, number, change_line(line))


def _replace_example(step: Step, index: int, *new: PythonExample) -> Step | None:
    examples = (*step.examples[:index], *new, *step.examples[index + 1 :])
    return replace(step, examples=examples) if examples else None


def _mutate_python(step: Step) -> Iterator[Mutant]:
    shown = [line.strip().removeprefix(">>> ").removeprefix("... ").strip() for line in step.text.split("\n")]
    place = 0

    def find(line: str) -> int:
        # Where a line of code or output stands in the block; output stands in a block of its own on some pages.
        nonlocal place
        wanted = line.strip()
        place = next((at for at in range(place, len(shown)) if shown[at] == wanted), place)
        return place

    for index, example in enumerate(step.examples):
        code = example.code.rstrip("\n").split("\n")
        if example.doctest:
            shows = bool(example.expected)
            put = (replace(example, code="pass\n"),) if shows else ()
            changed = _replace_example(step, index, *put)
            yield Mutant(step, changed, find(code[0]), code[0], LEFT_OUT, obvious=shows)
        else:
            skipped = find_docstrings(example.code)
            for number, line in enumerate(code):
                if line.strip() and number not in skipped and not _is_comment(line, None):
                    rest = "\n".join([*code[:number], *code[number + 1 :]]) + "\n"
                    yield Mutant(
                        step, _replace_example(step, index, replace(example, code=rest)), find(line), line, LEFT_OUT
                    )
        expected = (example.expected or "").rstrip("\n").split("\n")
        for number, line in enumerate(expected):
            if line.strip() not in ("", ANY_LINES):
                new = change_line(line)
                text = "\n".join([*expected[:number], new, *expected[number + 1 :]]) + "\n"
                changed = _replace_example(step, index, replace(example, expected=text))
                yield Mutant(step, changed, find(line), line, f"changed to {new.strip()!r}", expectation=True)


def locate(mutant: Mutant, root: Path) -> int:
    """Return the page's line that a mutant touches.

    The step's own line is that of its opening fence; its body stands below, perhaps indented, behind its options.
    """
    start = mutant.step.line
    try:
        page = (root / mutant.step.page).read_text(encoding="utf-8").split("\n")
    except OSError:
        return start
    body = [line.strip() for line in mutant.step.text.rstrip("\n").split("\n")]
    stripped = [line.strip() for line in page]
    wanted = re.compile(r"(>>> |\.\.\. )?" + re.escape(mutant.text.strip()))
    for at in range(start, len(page) - len(body) + 1):
        if stripped[at : at + len(body)] == body:
            if wanted.fullmatch(body[mutant.offset]):
                return at + mutant.offset + 1
            start = at + len(body)  # a testoutput stands in a block of its own, below
            break
    return next((at + 1 for at in range(start, len(page)) if wanted.fullmatch(stripped[at])), start)
