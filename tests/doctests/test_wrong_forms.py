"""Each wrong form of the original that was seen to fail is put back, and what proves the right form fails, as it says.

Nothing but a copy is ever changed. A step is run as `cookbook verify` runs it, with the steps before it; a test of the
project as its own run does, and once more as it stands, so that it fails for the wrong form and for nothing else.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from cookbook.commands.inventory import refresh
from cookbook.recipe.manifest import Manifest
from cookbook.recipe.repository import Repository, open_repository
from cookbook.recipe.wrong_form import WrongForm, cut, put_back, read_wrong_forms
from cookbook.runner.session import Session
from cookbook.runner.trial import try_manifest

from .docstrings.project import locate_in_project, make_project, make_variables, run_examples
from .newcomer.machine import give_up

REPOSITORY = open_repository(Path(__file__).parent)
FORMS = read_wrong_forms(REPOSITORY.docs / "explanation" / "wrong_forms.toml").form
EXAMPLES = "tests/doctests/docstrings/test_docstrings.py"
OF_RECIPES = [form for form in FORMS if form.is_of_recipe]
OF_EXAMPLES = [form for form in FORMS if form.fails == EXAMPLES]
OF_TESTS = [form for form in FORMS if form not in OF_RECIPES and form not in OF_EXAMPLES]


def name_form(form: WrongForm) -> str:
    return f"{form.of}-{form.fails.rpartition('/')[2]}".replace(" ", "-")


@pytest.fixture(scope="module")
def manifests() -> list[Manifest]:
    """All recipes, the one that needs least first."""
    return sorted(refresh(REPOSITORY).manifests, key=lambda one: (len(one.needs), one.id))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, whose tests pass: those that are to fail with a wrong form are run as it stands."""
    project = make_project(tmp_path_factory.mktemp("wrong_forms"))
    done = run_tests(project, *dict.fromkeys(form.fails for form in OF_TESTS))
    assert done.returncode == 0, done.stdout
    return project


def run_tests(project: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """Run some of the project's own tests in a copy of it."""
    base = f"{REPOSITORY.reference.name}/"
    command = [str(project / ".venv" / "bin" / "python"), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, *(test.removeprefix(base) for test in tests)],
        cwd=project,
        env=make_variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )


@contextmanager
def spoil(project: Path, form: WrongForm) -> Iterator[str]:
    """Have a copy of the project hold a wrong form for a while; gives the file's path in it."""
    path = locate_in_project(REPOSITORY.root / form.file)
    original = (project / path).read_text(encoding="utf-8")
    (project / path).write_text(form.put_into(original, path), encoding="utf-8")
    try:
        yield path
    finally:
        (project / path).write_text(original, encoding="utf-8")


def choose_manifest(manifests: list[Manifest], form: WrongForm) -> tuple[Repository, Manifest]:
    """Find the recipe whose step is to fail; without what it needs, the test cannot go on."""
    slug = form.fails.partition("/")[0]
    wanted = [one for one in manifests if one.slug == slug and form.variant in ("", one.id)]
    assert wanted, f"there is no recipe {form.variant or slug}"
    if missing := Session(REPOSITORY, wanted[0]).find_missing():
        give_up(missing)
    # A copy of the whole site is there to be cloned from; its own environment takes longest to make, and stays unused.
    return (replace(REPOSITORY, environment=None) if wanted[0].workspace == "site" else REPOSITORY), wanted[0]


@pytest.mark.parametrize("form", OF_RECIPES, ids=name_form)
def test_step_fails(form: WrongForm, manifests: list[Manifest]) -> None:
    repository, manifest = choose_manifest(manifests, form)
    noticed = try_manifest(repository, put_back(manifest, form, repository), last=form.fails.partition("/")[2])
    assert noticed, f"nobody noticed, up to {form.fails}"
    assert f"{manifest.slug}/{noticed.item}" == form.fails, noticed
    assert form.message in noticed.message, noticed.message


@pytest.mark.parametrize("form", [form for form in OF_RECIPES if form.without], ids=name_form)
def test_step_passes_with_the_right_form_and_without_those_steps(form: WrongForm, manifests: list[Manifest]) -> None:
    repository, manifest = choose_manifest(manifests, form)
    assert try_manifest(repository, cut(manifest, form), last=form.fails.partition("/")[2]) is None


@pytest.mark.parametrize("form", OF_TESTS, ids=name_form)
def test_test_fails(form: WrongForm, project: Path) -> None:
    with spoil(project, form):
        done = run_tests(project, form.fails)
    assert done.returncode == 1, done.stdout  # 1: tests were run, and some failed
    assert form.message in done.stdout, done.stdout


@pytest.mark.parametrize("form", OF_EXAMPLES, ids=name_form)
def test_example_fails(form: WrongForm, project: Path, tmp_path: Path) -> None:
    with spoil(project, form) as path:
        run = run_examples(project, tmp_path / "outcomes.json", path)
    failed = [item for item in run.items if item["outcome"] == "failed"]
    assert failed, f"nobody noticed, in {form.file}"
    assert form.message in "\n".join(item["report"] for item in failed)
