"""A project is started under a name that works, completely, or not at all."""

import subprocess
from pathlib import Path

import pytest

from cookbook.application import starting
from cookbook.application.problem import ApplicationError
from cookbook.application.starting import amend_commit, check_name, check_place, write_project


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """A project to start from, with a file that git ignores and one that is no text."""
    root = tmp_path / "reference"
    for path, content in {
        "manage.py": 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "cookiecutter.settings")\n',
        "cookiecutter/settings.py": 'ROOT_URLCONF = "cookiecutter.urls"\n',
        ".env.example": "# A secret.\n# SECRET_KEY=\n",
        ".gitignore": "/.env\n/left/\n",
        "left/behind": "cookiecutter",
        "uv.lock": '[[package]]\nname = "django"\n\n[[package]]\nname = "python-decouple"\n',
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)
    (root / "logo.png").write_bytes(b"\x89PNG\xff cookiecutter")
    (root / "manage.py").chmod(0o755)
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    return root


def test_project_is_renamed_committed_and_has_a_secret_of_its_own(reference: Path, tmp_path: Path) -> None:
    targets = [tmp_path / "one", tmp_path / "two"]
    for target in targets:
        assert write_project(reference, "shop", target) == 6
    one, two = targets
    assert (one / "shop" / "settings.py").read_text() == 'ROOT_URLCONF = "shop.urls"\n'
    assert "shop.settings" in (one / "manage.py").read_text()
    assert (one / "manage.py").stat().st_mode & 0o111
    assert (one / "logo.png").read_bytes() == b"\x89PNG\xff cookiecutter"
    assert not (one / "left").exists()
    secrets = [(target / ".env").read_text().partition("SECRET_KEY=")[2].strip() for target in targets]
    assert len(set(secrets)) == 2 and all(len(secret) > 50 for secret in secrets)
    assert (one / ".env").stat().st_mode & 0o777 == 0o600
    log = subprocess.run(["git", "-C", str(two), "log", "--oneline"], capture_output=True, text=True, check=True)
    assert log.stdout.count("\n") == 1
    status = subprocess.run(["git", "-C", str(two), "status", "--short"], capture_output=True, text=True, check=True)
    assert status.stdout == ""


def test_later_changes_get_into_the_first_commit(reference: Path, tmp_path: Path) -> None:
    target = tmp_path / "shop"
    write_project(reference, "shop", target)
    (target / "manage.py").write_text("changed")
    amend_commit(target)

    def ask(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=target, capture_output=True, text=True, check=True).stdout

    assert ask("status", "--short") == ""
    assert ask("log", "--format=%s") == "Start from django-cookiecutter\n"


def test_nothing_is_left_when_it_fails(reference: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(project: Path) -> None:
        raise subprocess.CalledProcessError(128, "git", stderr="no space left")

    monkeypatch.setattr(starting, "_commit", fail)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ApplicationError, match="no space left"):
        write_project(reference, "shop", tmp_path / "one")
    assert sorted(tmp_path.iterdir()) == before


def test_empty_folder_is_taken(reference: Path, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    check_place(tmp_path / "one")
    write_project(reference, "shop", tmp_path / "one")
    assert (tmp_path / "one" / "manage.py").is_file()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("My-Shop", "Perhaps my_shop?"),
        ("2shop", "Perhaps shop?"),
        ("class", "no word of the language"),
        ("шоп", "lower-case letters"),
        ("json", "a module of Python itself"),
        ("django", "a library that the project uses"),
        ("decouple", "a library that the project uses"),
        ("apps", "beside the package"),
        ("", "no name for a Python package"),
    ],
)
def test_name_that_would_not_work_is_refused(reference: Path, name: str, told: str) -> None:
    with pytest.raises(ApplicationError, match=told):
        check_name(name, reference)


@pytest.mark.parametrize("name", ["shop", "shop2", "my_shop", "cookiecutter"])
def test_other_names_are_taken(reference: Path, name: str) -> None:
    check_name(name, reference)


def test_place_that_is_taken_is_refused(reference: Path, tmp_path: Path) -> None:
    for place, told in (
        (reference, "holds files already"),
        (reference / "manage.py", "is a file"),
        (tmp_path / "no" / "where", "There is no folder"),
    ):
        with pytest.raises(ApplicationError, match=told):
            check_place(place)


def test_example_without_the_line_is_told(reference: Path, tmp_path: Path) -> None:
    (reference / ".env.example").write_text("nothing\n")
    with pytest.raises(ApplicationError, match="no line"):
        write_project(reference, "shop", tmp_path / "one")
    assert not (tmp_path / "one").exists()
