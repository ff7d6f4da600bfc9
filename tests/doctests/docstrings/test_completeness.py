"""Every public function of the reference project says what it takes, what it returns, and what it raises itself."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from .project import find_repository

REFERENCE = find_repository().reference
Function = ast.FunctionDef | ast.AsyncFunctionDef
# Their docstrings are the descriptions that people read in the API's documentation.
ANSWERS = {"get", "post", "patch", "delete", "put", "list"}


def find_modules() -> list[Path]:
    """Return the modules that people read: neither tests nor migrations."""
    paths = [path for folder in ("apps", "cookiecutter") for path in (REFERENCE / folder).rglob("*.py")]
    return sorted(path for path in paths if not {"tests", "migrations", ".venv"} & set(path.parts))


def walk(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, ast.ClassDef | Function]]:
    """Return what is public in a module, with its name."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and node.name != "Meta":
            yield f"{prefix}{node.name}", node
            yield from walk(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, Function) and not node.name.startswith("_"):
            yield f"{prefix}{node.name}", node


def list_raised(function: Function) -> set[str]:
    """Return the names of the errors that a function raises in its own body, not in one of its functions."""
    raised = set()
    queue: list[ast.AST] = list(function.body)
    while queue:
        node = queue.pop()
        if isinstance(node, Function | ast.Lambda):
            continue
        queue += ast.iter_child_nodes(node)
        if isinstance(node, ast.Raise) and node.exc is not None:
            error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            name = error.attr if isinstance(error, ast.Attribute) else getattr(error, "id", "")
            # A name in lower case is an error that came from elsewhere.
            if name[:1].isupper():
                raised.add(name)
    return raised


def list_lacks(name: str, node: ast.ClassDef | Function) -> Iterator[str]:
    """Say what a docstring lacks."""
    text = ast.get_docstring(node)
    if not text:
        yield "a docstring"
        return
    if isinstance(node, ast.ClassDef) or node.name in ANSWERS:
        return
    known = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    for argument in filter(None, known):
        told = argument.arg in ("self", "cls") or argument.arg.startswith("_") or f":param {argument.arg}:" in text
        if not told:
            yield f":param {argument.arg}:"
    returns = ast.unparse(node.returns) if node.returns else "None"
    decorators = {ast.unparse(one) for one in node.decorator_list}
    silent = returns in ("None", "NoReturn") or decorators & {"property", "contextmanager"}
    if not silent and ":returns:" not in text:
        yield ":returns:"
    for error in list_raised(node):
        if not re.search(rf":raises [\w.]*{error}:", text):
            yield f":raises {error}:"


@pytest.mark.parametrize("path", find_modules(), ids=lambda path: str(path.relative_to(REFERENCE)))
def test_docstrings_are_complete(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree) or not tree.body, "the module does not say what it is"
    lacks = [
        f"{path.relative_to(REFERENCE)}:{node.lineno} {name} lacks {what}"
        for name, node in walk(tree.body)
        for what in list_lacks(name, node)
    ]
    assert not lacks, "\n".join(lacks)
