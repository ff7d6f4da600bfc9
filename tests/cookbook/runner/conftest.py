"""Give the tests a bench: a tiny project, steps and manifests by hand, and a way to run them."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from cookbook.recipe.manifest import Inventory, Manifest, PythonExample, Step, write_inventory
from cookbook.recipe.repository import open_repository
from cookbook.runner.namespace import Namespace
from cookbook.runner.session import Session

SETTINGS = 'reference = "project"\ndocs = "docs"\n'


class Bench:
    def __init__(self, root):
        self.root = root
        self.write("conf/cookbook.toml", SETTINGS)
        self.write("project/greeting.txt", "hello\nworld\n")

    def write(self, path, text):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    def add_check(self, name, command, **more):
        row = f'\n[[check]]\nname = "{name}"\ncommand = """{command}"""\n'
        row += "".join(f'{key} = "{value}"\n' for key, value in more.items())
        self.write("conf/cookbook.toml", (self.root / "conf/cookbook.toml").read_text() + row)

    @property
    def repository(self):
        return open_repository(self.root)

    def manifest(self, *steps, slug="toy", **options):
        numbered = [replace(one, name=one.name or f"step-{number}") for number, one in enumerate(steps, 1)]
        defaults = {"title": "Toy", "page": "docs/toy.md", "variant": {}, "needs": ()}
        return Manifest(slug=slug, steps=tuple(numbered), **{**defaults, **options})

    def run(self, *steps, **options):
        """Run all items of a manifest; return the results by item."""
        session = Session(self.repository, self.manifest(*steps, **options))
        try:
            for item in session.items:
                session.perform(item)
            self.evidence = session.make_evidence()
            return session.results
        finally:
            session.close()

    def save(self, *manifests):
        folder = self.root / "build" / "inventory"
        folder.mkdir(parents=True, exist_ok=True)
        write_inventory(Inventory(manifests=manifests, blocks=()), folder)
        return folder

    def pytest(self, *options, check=None):
        """Run the saved manifests with the plugin, in a process of its own."""
        folder = self.root / "build" / "inventory" / "manifests"
        command = [sys.executable, "-m", "pytest", "-p", "cookbook.runner.plugin", "-p", "no:cacheprovider"]
        command += ["-c", os.devnull, "--rootdir", str(folder), "-v", "--cookbook-repository", str(self.root)]
        return self._call([*command, *options, str(folder)], folder, check, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")

    def cookbook(self, *arguments, check=None):
        """Run the command on the saved manifests."""
        folder = str(self.root / "build" / "inventory")
        command = [sys.executable, "-m", "cookbook.commands", arguments[0], "--repository", str(self.root)]
        return self._call([*command, "--inventory", folder, *arguments[1:]], self.root, check)

    def _call(self, command, folder, check, **variables):
        environment = {**os.environ, **variables}
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False
        )
        if check is not None:
            assert done.returncode == check, done.stdout + done.stderr
        return done

    def read_evidence(self, name="toy"):
        return json.loads((self.root / "build" / "evidence" / f"{name}.json").read_text())


def step(kind, text="", name="", **options):
    return Step(name=name, kind=kind, page="docs/toy.md", line=7, text=text, **options)


def shell(text, **options):
    return step("run", text, **options)


def python(code, expected=None, *, doctest=False, **options):
    example = PythonExample(code=code, expected=expected, flags={"ELLIPSIS": True}, doctest=doctest)
    return step("python", code, examples=(example,), **options)


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


@pytest.fixture
def namespaces():
    there, why = Namespace.available()
    if not there:
        pytest.skip(why)
