"""Every recipe provokes at least two errors in its section *If it fails*, and shows how each looks."""

from pathlib import Path

import pytest

from cookbook.commands.inventory import refresh
from cookbook.recipe.console import parse_session
from cookbook.recipe.manifest import Manifest, PythonExample, Step
from cookbook.recipe.repository import open_repository

REPOSITORY = open_repository(Path(__file__).parent)
SECTION = "If it fails"
# A step of this section that provokes an error is named after it; the others prepare it, or take it back.
PREFIX = "meet-"
LEAST = 2


def shows_something(step: Step) -> bool:
    """Tell whether a step is run and compared: it shows an output, or an exit status other than 0."""
    if step.kind == "run":
        return any(command.expected or command.status for command in parse_session(step.text))
    return step.kind == "python" and any(example.expected for example in step.examples)


def find_provoked(manifests: list[Manifest]) -> dict[str, set[str]]:
    """Return the names of the steps that provoke an error, by recipe, those of all its variants together."""
    found: dict[str, set[str]] = {manifest.slug: set() for manifest in manifests}
    for manifest in manifests:
        for step in manifest.steps:
            if step.section == SECTION and step.name.startswith(PREFIX) and shows_something(step):
                found[manifest.slug].add(step.name)
    return found


def find_lacking(manifests: list[Manifest]) -> dict[str, set[str]]:
    """Return the recipes that provoke too few errors, each with those it has."""
    return {slug: names for slug, names in find_provoked(manifests).items() if len(names) < LEAST}


def make_step(name: str, text: str = "$ false\n[1]", **values: object) -> Step:
    """Make a step as the inventory has them."""
    return Step(**{"name": name, "kind": "run", "page": "x.md", "line": 1, "text": text, "section": SECTION} | values)


def make_manifest(*steps: Step, variant: str = "A") -> Manifest:
    """Make a manifest of the recipe ``x``."""
    return Manifest(slug="x", title="X", page="x.md", variant={"tab": variant}, needs=(), steps=steps)


@pytest.fixture(scope="module")
def manifests() -> list[Manifest]:
    """The manifests of all pages, as the doctrees have them now."""
    return refresh(REPOSITORY).manifests


def test_every_recipe_provokes_two_errors(manifests: list[Manifest]) -> None:
    pages = {path.stem for path in (REPOSITORY.docs / "how_to").glob("*.md")}
    assert {manifest.slug for manifest in manifests} == pages
    lacking = find_lacking(manifests)
    assert not lacking, "\n".join(
        f"{slug}: {len(names)} of {LEAST} ({', '.join(sorted(names)) or 'none'}); "
        f"write steps `{PREFIX}…` with an output below “{SECTION}”"
        for slug, names in sorted(lacking.items())
    )


def test_every_step_of_that_name_shows_its_error(manifests: list[Manifest]) -> None:
    silent = {
        f"{manifest.slug}/{step.name}"
        for manifest in manifests
        for step in manifest.steps
        if step.section == SECTION and step.name.startswith(PREFIX) and not shows_something(step)
    }
    assert not silent, f"these steps show neither an output nor an exit status: {', '.join(sorted(silent))}"


LACKING = {
    "no step": [make_manifest()],
    "one step": [make_manifest(make_step("meet-a"))],
    "one step in two variants": [make_manifest(make_step("meet-a"), variant=tab) for tab in "AB"],
    "a second that prepares": [make_manifest(make_step("meet-a"), make_step("leave-b-behind"))],
    "a second elsewhere": [make_manifest(make_step("meet-a"), make_step("meet-b", section="Steps"))],
    "a second that shows nothing": [make_manifest(make_step("meet-a"), make_step("meet-b", "$ true"))],
    "a second that is a file": [make_manifest(make_step("meet-a"), make_step("meet-b", kind="file"))],
}


@pytest.mark.parametrize("name", LACKING)
def test_too_few_are_noticed(name: str) -> None:
    assert list(find_lacking(LACKING[name])) == ["x"]


def test_two_are_enough() -> None:
    typed = make_step("meet-b", kind="python", examples=(PythonExample(code="1 / 0", expected="ZeroDivisionError"),))
    assert not find_lacking([make_manifest(make_step("meet-a"), typed)])
    parts = [make_manifest(make_step(f"meet-{tab}"), variant=tab) for tab in "AB"]
    assert not find_lacking(parts)
