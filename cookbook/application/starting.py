"""Starting: makes a project of the reader's own out of the reference project, under a name of theirs."""

import contextlib
import keyword
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ..recipe.digest import list_files
from .naming import find_package, make_renamer
from .problem import ApplicationError

NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
# What lies beside the package, and would be hidden by it or hide it.
TAKEN = {"apps", "tests", "conftest", "manage", "staticfiles", "media", "docs", "test", "site"}
# Distributions that are imported under a name that is not theirs.
IMPORTED_AS = {
    "python-decouple": "decouple",
    "djangorestframework": "rest_framework",
    "djangorestframework-simplejwt": "rest_framework_simplejwt",
    "django-csp": "csp",
    "django-storages": "storages",
    "python-json-logger": "pythonjsonlogger",
    "psycopg2-binary": "psycopg2",
    "pyyaml": "yaml",
    "pyjwt": "jwt",
    "python-dateutil": "dateutil",
    "factory-boy": "factory",
}
LOCKED = re.compile(r'^name = "([^"]+)"$', re.MULTILINE)
SECRET_LINE = re.compile(r"^# SECRET_KEY=$", re.MULTILINE)
FIRST_COMMIT = "Start from django-cookiecutter"


def check_name(name: str, reference: Path) -> None:
    """Check that a Django project can be called like that.

    :param name: the package's name.
    :param reference: the reference project, whose libraries must not be hidden.
    :raises ApplicationError: when it cannot; the message says why, and what would do.
    """
    if not NAME.fullmatch(name) or keyword.iskeyword(name) or keyword.issoftkeyword(name):
        close = re.sub(r"\W+", "_", name.lower(), flags=re.ASCII).strip("_0123456789")
        hint = f" Perhaps {close}?" if NAME.fullmatch(close) and not keyword.iskeyword(close) and close != name else ""
        raise ApplicationError(
            f"{name!r} is no name for a Python package: it takes lower-case letters, digits and underscores, "
            f"a letter first, and no word of the language.{hint}"
        )
    locked = LOCKED.findall((reference / "uv.lock").read_text(encoding="utf-8"))
    libraries = {IMPORTED_AS.get(one, one.replace("-", "_").replace(".", "_")) for one in locked}
    libraries -= {find_package(reference)}
    for kind, names in (
        ("a module of Python itself", sys.stdlib_module_names),
        ("a library that the project uses", libraries),
        ("something that lies beside the package", TAKEN),
    ):
        if name in names:
            raise ApplicationError(f"{name!r} is the name of {kind}, which it would hide. Choose another one.")


def check_place(target: Path) -> None:
    """Check that a project can be made somewhere.

    :param target: its folder.
    :raises ApplicationError: when something is there already, or nothing can be put there.
    """
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise ApplicationError(f"{target} is a file. Name a folder that is not there yet.")
    if target.is_dir() and any(target.iterdir()):
        raise ApplicationError(f"{target} holds files already. Name a folder that is not there yet, or an empty one.")
    if not target.parent.is_dir():
        raise ApplicationError(f"There is no folder {target.parent}. Make it first, or name another place.")


def write_project(reference: Path, name: str, target: Path) -> int:
    """Write the project, complete or not at all.

    :param reference: the reference project; only files that git knows, or would, are copied.
    :param name: what its package is called from now on, in paths and in contents.
    :param target: where it is to lie.
    :returns: how many files were written.
    :raises ApplicationError: when that fails; nothing is left behind.
    """
    rename = make_renamer(find_package(reference), name)
    files = list_files(reference)
    with _beside(target) as making:
        for path in files:
            copy = making / rename(path.relative_to(reference).as_posix())
            copy.parent.mkdir(parents=True, exist_ok=True)
            content = path.read_bytes()
            with contextlib.suppress(UnicodeDecodeError):
                content = rename(content.decode()).encode()
            copy.write_bytes(content)
            shutil.copymode(path, copy)
        _write_secret(making)
        _commit(making)
    return len(files)


@contextlib.contextmanager
def _beside(target: Path) -> Iterator[Path]:
    # On the same disk, so that it gets its name at one stroke.
    try:
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as folder:
            making = Path(folder) / target.name
            making.mkdir()
            yield making
            if target.is_dir():
                target.rmdir()
            making.rename(target)
    except (OSError, subprocess.CalledProcessError) as error:
        told = getattr(error, "stderr", "") or ""
        raise ApplicationError(f"The project could not be written: {error}. {told}".strip()) from error


def _write_secret(project: Path) -> None:
    example = (project / ".env.example").read_text(encoding="utf-8")
    filled, found = SECRET_LINE.subn(f"SECRET_KEY={secrets.token_urlsafe(64)}", example)
    if not found:
        raise ApplicationError(".env.example has no line `# SECRET_KEY=` to be filled in. Restore it from git.")
    environment = project / ".env"
    environment.touch(mode=0o600)
    environment.write_text(filled, encoding="utf-8")


def amend_commit(project: Path) -> None:
    """Take later changes of the files into the project's first commit.

    :param project: the project, as :func:`write_project` left it.
    :raises ApplicationError: when git does not do it.
    """
    try:
        _commit(project, "--amend")
    except subprocess.CalledProcessError as error:
        raise ApplicationError(f"git did not commit the sorted imports in {project}: {error.stderr}") from error


def _commit(project: Path, *options: str) -> None:
    def git(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["git", "-c", "init.defaultBranch=main", *arguments]
        return subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)

    if not options:
        git("init", "--quiet")
    git("add", "--all")
    nobody = subprocess.run(["git", "config", "user.email"], cwd=project, capture_output=True, check=False).returncode
    # The first commit needs an author; who has told git no name yet can amend it later.
    author = ["-c", f"user.name={project.name}", "-c", "user.email=nobody@localhost"] if nobody else []
    git(*author, "commit", "--quiet", "--message", FIRST_COMMIT, *options)
