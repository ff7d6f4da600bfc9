"""Bench: a small repository with a reference project, and a reader's own project under another name."""

import subprocess
from pathlib import Path

from cookbook.application.naming import make_renamer
from cookbook.application.plan import Plan, make_plan
from cookbook.application.project import Project
from cookbook.recipe.manifest import Block, Inventory, Manifest, Step, write_inventory
from cookbook.recipe.repository import Repository, open_repository

MANAGE = """#!/usr/bin/env python
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cookiecutter.settings.development")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
"""

BASE = """\"\"\"Settings, made with django-cookiecutter.\"\"\"

from cookiecutter.settings.environment import read_text

ROOT_URLCONF = "cookiecutter.urls"
WSGI_APPLICATION = "cookiecutter.wsgi.application"

DEBUG = False
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

CELERY_BROKER_URL = "redis://localhost:6379/0"
CELERY_RESULT_BACKEND = "redis://localhost:6379/1"

STATIC_URL = "static/"
MEDIA_URL = "media/"
"""

FILES = {
    "manage.py": MANAGE,
    "cookiecutter/__init__.py": '"""The project."""\n',
    "cookiecutter/settings/__init__.py": "",
    "cookiecutter/settings/base.py": BASE,
    "cookiecutter/urls.py": "urlpatterns = []\n",
    "README.md": "# cookiecutter\n\nMade with django-cookiecutter.\n",
}

EDIT_BROKER = """diff --git a/cookiecutter/settings/base.py b/cookiecutter/settings/base.py
--- a/cookiecutter/settings/base.py
+++ b/cookiecutter/settings/base.py
@@ -10,4 +10,5 @@
 LANGUAGE_CODE = "en"

-CELERY_BROKER_URL = "redis://localhost:6379/0"
+CELERY_BROKER_URL = "amqp://guest:guest@localhost:5672//"
+CELERY_BROKER_APP = "cookiecutter.celery"
 CELERY_RESULT_BACKEND = "redis://localhost:6379/1"
"""

EDIT_STATIC = """diff --git a/cookiecutter/settings/base.py b/cookiecutter/settings/base.py
--- a/cookiecutter/settings/base.py
+++ b/cookiecutter/settings/base.py
@@ -15,3 +15,4 @@

 STATIC_URL = "static/"
+STATIC_ROOT = "static_root"
 MEDIA_URL = "media/"
"""

NEW_FILE = "from cookiecutter.settings.base import DEBUG\n\nBROKER = not DEBUG"


def make_step(kind: str, name: str, text: str, line: int = 10, **others: object) -> Step:
    """Return a step of the page `docs/source/how_to/swap.md`."""
    return Step(name=name, kind=kind, page="docs/source/how_to/swap.md", line=line, text=text, **others)


STEPS = (
    make_step("edit", "name-the-broker", EDIT_BROKER, 10, path="cookiecutter/settings/base.py"),
    make_step("file", "add-a-module", NEW_FILE, 30, path="cookiecutter/brokers/amqp.py"),
    make_step("run", "start-the-queue", "$ celery -A cookiecutter inspect ping\npong", 40),
    make_step("edit", "serve-files", EDIT_STATIC, 50, path="cookiecutter/settings/base.py"),
    make_step("background", "start-the-worker", "$ celery -A cookiecutter worker\nready", 60),
    make_step("stop", "stop-the-worker", "", 70, target="start-the-worker"),
)


def make_manifest(*steps: Step, **others: object) -> Manifest:
    """Return a manifest of these steps, or of :data:`STEPS`."""
    values = {"slug": "swap", "title": "Swap the broker", "page": "docs/source/how_to/swap.md"}
    values |= {"variant": {}, "needs": ("rabbitmq",), "steps": steps or STEPS}
    return Manifest(**(values | others))


def write_files(folder: Path, files: dict[str, str]) -> None:
    """Write files, by path."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())


def make_repository(folder: Path, manifests: list[Manifest], blocks: tuple[Block, ...] = ()) -> Repository:
    """Make a checkout with a reference project and a ready inventory."""
    write_files(folder / "reference_project", FILES)
    write_files(folder, {"conf/cookbook.toml": "", "docs/source/how_to/swap.md": "# Swap\n"})
    services = '[rabbitmq]\nlabel = "RabbitMQ"\nkind = "server"\nports = [5672]\n'
    services += 'packages = ["rabbitmq-server"]\nprograms = ["no-such-program"]\n'
    write_files(folder, {"conf/services.toml": services})
    repository = open_repository(folder)
    write_inventory(Inventory(manifests=tuple(manifests), blocks=blocks), repository.inventory)
    return repository


def commit(folder: Path) -> None:
    """Commit all that lies in a folder."""
    who = ["-c", "user.name=Reader", "-c", "user.email=reader@localhost"]
    for arguments in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "--allow-empty", "-m", "All"]):
        subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def make_project(folder: Path, package: str = "shop") -> Project:
    """Make the reader's project: the reference project renamed, under git."""
    rename = make_renamer("cookiecutter", package)
    write_files(folder, {rename(path): rename(text) for path, text in FILES.items()})
    (folder / "manage.py").chmod(0o755)
    commit(folder)
    return Project(folder.resolve(), package)


def read_tree(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return every file outside `.git`: its bytes and its mode; folders and links too."""
    tree = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if relative.parts[0] == ".git":
            continue
        content = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b"/"
        tree[str(relative)] = (content, path.lstat().st_mode)
    return tree


def plan(repository: Repository, project: Project, *steps: Step) -> Plan:
    """Return the plan for a manifest of these steps, or of :data:`STEPS`."""
    return make_plan(make_manifest(*steps), repository.reference, project)
