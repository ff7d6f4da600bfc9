"""The model reference has an entry for every model and its public methods, and no entry of anything else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sphinx.util.inventory import InventoryFile

from cookbook.recipe.repository import Repository

# Django's own, changed only in how they remember values.
QUIET = {"TrackableModel.check", "TrackableModel.from_db", "TrackableModel.refresh_from_db"}
QUIET |= {"AliveManager.get_queryset", "TrackableManager.get_queryset"}
# Abstract parts of models, whose fields the diagram shows where they are used.
PARTS = {"RecordedValues", "Activity", "LoginActivity"}


def find_classes(path: Path) -> Iterator[ast.ClassDef]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node


def list_methods(node: ast.ClassDef) -> Iterator[str]:
    for one in node.body:
        if isinstance(one, ast.FunctionDef) and not one.name.startswith("_"):
            yield f"{node.name}.{one.name}"


@pytest.fixture(scope="session")
def sources(repository: Repository) -> dict[str, ast.ClassDef]:
    """The classes of the models' modules, and of their managers, by name."""
    apps = repository.reference / "apps"
    paths = [path for app in ("core", "accounts") for path in (apps / app / "models").glob("*.py")]
    paths += [apps / "core/managers.py", apps / "accounts/managers.py"]
    return {node.name: node for path in paths for node in find_classes(path)}


@pytest.fixture(scope="session")
def entries(html: Path) -> dict[str, set[str]]:
    """The names in the site's index of objects, by kind."""
    inventory = InventoryFile.loads((html / "objects.inv").read_bytes(), uri="").data
    return {kind: {name for name in found if name.startswith("apps.")} for kind, found in inventory.items()}


def shorten(names: set[str], parts: int) -> set[str]:
    return {".".join(name.split(".")[-parts:]) for name in names}


def test_every_model_has_an_entry(sources, entries):
    found = shorten(entries["py:class"] | entries["py:exception"], 1)
    assert set(sources) - found == set()


def test_every_public_method_has_an_entry(sources, entries):
    found = shorten(entries["py:method"] | entries.get("py:property", set()), 2)
    methods = {name for node in sources.values() for name in list_methods(node)}
    assert methods - found - QUIET == set()
    assert methods >= QUIET, "a method that needs no entry is gone: take it off the list"


def test_every_entry_exists(sources, entries):
    methods = {name for node in sources.values() for name in list_methods(node)}
    documented = shorten(entries["py:method"], 2)
    assert {name for name in documented if name.split(".")[0] in sources} - methods == set()


def test_the_pages_are_free_of_noise(html):
    for page in [*html.glob("core/*.html"), *html.glob("accounts/*.html")]:
        text = page.read_text(encoding="utf-8")
        assert "Pizza" not in text and "deferred-loading" not in text, page


@pytest.mark.parametrize("app", ["core", "accounts"])
def test_the_diagram_shows_every_model(html, repository, app):
    text = (html / app / "index.html").read_text(encoding="utf-8")
    for path in (repository.reference / "apps" / app / "models").glob("*.py"):
        for node in find_classes(path):
            bases = " ".join(ast.unparse(base) for base in node.bases)
            if node.name not in PARTS and not re.search("Exception|Field|Manager|QuerySet", bases):
                assert f">{node.name}" in text, f"the diagram of {app} lacks {node.name}"
