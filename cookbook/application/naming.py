"""Naming: finds a project's package name, and renames the reference project's to it.

The rule of renaming, in paths and in contents alike: the name is replaced wherever it stands as a word of its own,
that is with no letter, digit or underscore before or behind it. ``cookiecutter.settings``, ``cookiecutter/urls.py``
and ``cookiecutter-worker`` are renamed; ``my_cookiecutter``, ``cookiecutters`` and ``Cookiecutter`` are not. Two
compounds are names of other things and stay too: ``django-cookiecutter`` and ``cookiecutter-django``; and one belongs
to the project and is renamed, ``test_cookiecutter``, the database that Django makes for tests. ``uv.lock`` tells groups
that exclude each other apart by markers that count the letters of the name, ``group-12-cookiecutter-django52``: with a
wrong count uv knows no group, and installs both. Renaming happens in one
pass over text of the reference, never over text that is renamed already or the reader's own.
"""

import ast
import keyword
import re
from collections.abc import Callable
from pathlib import Path

from .problem import ApplicationError

VARIABLE = "DJANGO_SETTINGS_MODULE"


def make_renamer(old: str, new: str) -> Callable[[str], str]:
    """Return the function that renames text or a path from one package to another.

    :param old: the reference project's package.
    :param new: the reader's package.
    """
    word = re.compile(rf"(?:(?<!\w)|(?<=(?<!\w)test_))(?<!(?<!\w)django-){re.escape(old)}(?!\w)(?!-django(?!\w))")
    group = f"group-{len(new)}-{new.replace('_', '-').lower()}-"
    either = re.compile(rf"(?P<group>\bgroup-{len(old)}-{re.escape(old.replace('_', '-'))}-)|{word.pattern}")
    return lambda text: either.sub(lambda match: group if match["group"] else new, text)


def _settings_modules(tree: ast.AST) -> list[str]:
    """Return what a script gives the settings variable, as a default or a value."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            constants = [*node.args, *(keyword_.value for keyword_ in node.keywords)]
            texts = [one.value for one in constants if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if VARIABLE in texts:
                found += [text for text in texts if text != VARIABLE]
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            names = [target.slice for target in node.targets if isinstance(target, ast.Subscript)]
            if any(isinstance(name, ast.Constant) and name.value == VARIABLE for name in names):
                found.append(str(node.value.value))
    return found


def find_package(project: Path) -> str:
    """Return the name of a Django project's package.

    :param project: the folder that holds ``manage.py``.
    :returns: the first part of the settings module that ``manage.py`` sets by default.
    :raises ApplicationError: if there is no ``manage.py``, or it does not lead to a package.
    """
    script = project / "manage.py"
    if not project.is_dir():
        raise ApplicationError(f"{project} is no folder. Name the folder that holds your project's manage.py.")
    if not script.is_file():
        nested = sorted(path.parent for path in project.glob("*/manage.py"))
        hint = f" There is one in {nested[0]}: did you mean that folder?" if nested else ""
        raise ApplicationError(
            f"{project} has no manage.py, so it is no Django project. Name the folder that holds manage.py.{hint}"
        )
    try:
        modules = _settings_modules(ast.parse(script.read_bytes()))
    except (SyntaxError, ValueError, OSError) as error:
        raise ApplicationError(f"{script} cannot be read: {error}. Put it right, then try again.") from error
    expected = f'os.environ.setdefault("{VARIABLE}", "yourproject.settings")'
    if not modules:
        raise ApplicationError(f"{script} sets no {VARIABLE}. Expected a line such as {expected}.")
    package = modules[0].partition(".")[0]
    if not package.isidentifier() or keyword.iskeyword(package):
        raise ApplicationError(f"{script} sets {VARIABLE} to {modules[0]!r}. Expected a line such as {expected}.")
    if not (project / package).is_dir():
        raise ApplicationError(
            f"{script} names the settings {modules[0]}, but there is no folder {project / package}. "
            "Recipes suit projects whose package lies beside manage.py."
        )
    return package
