"""Finds the examples in docstrings by reading the sources, without the program that runs them."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from cookbook.recipe.digest import list_files

# It refuses to be imported without the settings of a real server.
LEFT_OUT = {"cookiecutter/settings/production.py"}
# Where the copy of the project keeps the site's pages that show examples.
PAGES = "pages"
DIRECTIVE = re.compile(r"^\s*\.\. (testcode|testoutput)::", re.MULTILINE)
PROMPT = re.compile(r"^\s*>>> ", re.MULTILINE)


@dataclass(frozen=True)
class Documented:
    """A module, class or function whose docstring has examples.

    :param name: its dotted name, as an import would spell it.
    :param codes: how many ``testcode`` blocks the docstring has.
    :param outputs: how many ``testoutput`` blocks.
    """

    name: str
    path: Path
    line: int
    codes: int
    outputs: int


def list_pages(docs: Path) -> list[Path]:
    """Return the site's pages whose examples are run like those of docstrings: the ones in reStructuredText."""
    return [path for path in list_files(docs) if path.suffix == ".rst"]


def list_sources(project: Path) -> list[Path]:
    """Return the project's Python files that can be imported on a developer's machine; tests are none of them."""
    paths = [path for path in list_files(project) if path.suffix == ".py"]
    return [path for path in paths if path.relative_to(project).as_posix() not in LEFT_OUT]


def find_pages(docs: Path) -> list[Documented]:
    """Return the pages that show examples."""
    found = []
    for path in list_pages(docs):
        kinds = DIRECTIVE.findall(path.read_text(encoding="utf-8"))
        name = f"{PAGES}/{path.relative_to(docs).as_posix()}"
        if kinds:
            found.append(Documented(name, path, 1, kinds.count("testcode"), kinds.count("testoutput")))
    return found


def find_documented(project: Path) -> list[Documented]:
    """Return everything in a project whose docstring has examples, in the order of the sources."""
    found = []
    for path in list_sources(project):
        module = ".".join(path.relative_to(project).with_suffix("").parts).removesuffix(".__init__")
        found += _search(ast.parse(path.read_bytes()), module, path)
    return found


def count_directives(paths: list[Path]) -> dict[str, int]:
    """Count the lines that open a block of examples anywhere in files, docstring or not; prompts too."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    kinds = DIRECTIVE.findall(text)
    return {kind: kinds.count(kind) for kind in ("testcode", "testoutput")} | {"prompts": len(PROMPT.findall(text))}


def _search(node: ast.AST, name: str, path: Path) -> list[Documented]:
    found = []
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        kinds = DIRECTIVE.findall(ast.get_docstring(node) or "")
        if kinds:
            line = getattr(node, "lineno", 1)
            found.append(Documented(name, path, line, kinds.count("testcode"), kinds.count("testoutput")))
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found += _search(child, f"{name}.{child.name}", path)
    return found
