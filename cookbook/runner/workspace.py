"""Workspace: a fresh copy of the project under git, with its environment, in which one manifest runs."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ..recipe.digest import list_files
from ..recipe.manifest import Manifest
from ..recipe.repository import Repository
from .failure import StepFailure
from .folders import Folder
from .spares import give_back
from .uv import export_constraints, find_pythons, find_uv, make_environment, uv_cache

# What a machine needs to reach its package index, and nothing that could change what a recipe does.
CARRIED_PREFIXES = ("PIP_", "UV_")
CARRIED = {
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO"),
    *("NODE_EXTRA_CA_CERTS", "AWS_CA_BUNDLE"),
    *("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "all_proxy", "ALL_PROXY"),
}
PIP_FILES = (".config/pip/pip.conf", ".pip/pip.conf", "Library/Application Support/pip/pip.conf")
SYSTEM_PATH = ("/usr/local/bin", "/usr/bin", "/bin")
AUTHOR = {"NAME": "Reader", "EMAIL": "reader@example.org"}


@dataclass
class Workspace:
    """A copy of the project and what a reader's shell starts with.

    :param owned: the temporary folder; holds the project, HOME and TMPDIR.
    :param project: the copy, where every shell starts.
    :param python: the interpreter of the project's environment.
    :param environment: what a shell starts with.
    :param prepared: the environment that the project's is a copy of, if it is one.
    """

    owned: Folder
    project: Path
    python: Path
    environment: dict[str, str]
    prepared: Path | None = None

    @property
    def folder(self) -> Path:
        """The temporary folder's path."""
        return self.owned.path

    @classmethod
    def create(cls, repository: Repository, manifest: Manifest) -> Self:
        """Copy the project, put it under git and make its environment.

        :raises StepFailure: if a program that this needs is missing or fails.
        """
        owned = Folder("cookbook-")
        try:
            return cls._fill(owned, repository, manifest)
        except BaseException:
            owned.close()
            raise

    @classmethod
    def _fill(cls, owned: Folder, repository: Repository, manifest: Manifest) -> Self:
        folder = owned.path
        source = repository.reference if manifest.workspace == "project" else repository.root
        project = folder / (source.name or "project")
        for name in ("home", "tmp", "bin"):
            (folder / name).mkdir()
        copy_project(source, project)
        environment = make_shell_environment(folder)
        commit_everything(project, environment)
        if manifest.workspace == "site" and repository.address:
            environment["GIT_CONFIG_GLOBAL"] = str(redirect_clones(repository.address, project, folder / "home"))
        python, prepared = Path(sys.executable), None
        path = [str(folder / "bin"), *SYSTEM_PATH]
        cache = repository.cache
        if repository.environment and (project / "pyproject.toml").is_file():
            uv = find_uv(repository.root)
            prepared = make_environment(project, repository.environment, uv, cache)
            for name in ("uv", "uvx"):
                (folder / "bin" / name).symlink_to(Path(uv).with_name(name))
            for name, interpreter in find_pythons(uv).items():
                (folder / "bin" / name).symlink_to(interpreter)
            python = project / ".venv" / "bin" / "python"
            environment["VIRTUAL_ENV"] = str(project / ".venv")
            if (project / "uv.lock").is_file():
                environment["PIP_CONSTRAINT"] = str(export_constraints(project, uv, cache))
        # The engine's own command, alone: the rest of its environment must not stand in for what a recipe forgot.
        command = Path(sys.executable).with_name("cookbook")
        if command.exists():
            (folder / "bin" / "cookbook").symlink_to(command)
        environment["PIP_CACHE_DIR"] = str(cache / "pip")
        if manifest.workspace == "site":
            environment["COOKBOOK_CACHE"] = str(cache)
        environment["PATH"] = os.pathsep.join([str(python.parent), *path])
        return cls(owned, project, python, environment, prepared)

    def close(self) -> None:
        """Remove the workspace; nothing may be running in it any more."""
        if self.prepared:
            give_back(self.prepared, self.project / ".venv")
        self.owned.close()


def copy_project(source: Path, target: Path) -> None:
    """Copy the files that belong to a project, as they are in the working tree."""
    files = list_files(source)
    if not files:
        raise StepFailure(f"{source} holds no file. Expected the project that recipes act on; see conf/cookbook.toml.")
    for path in files:
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy, follow_symlinks=False)


def make_shell_environment(folder: Path) -> dict[str, str]:
    """Return the variables of a reader's fresh shell: the same on every machine, but for how to reach packages."""
    carried = {key: value for key, value in os.environ.items() if key in CARRIED or key.startswith(CARRIED_PREFIXES)}
    carried.pop("UV_PROJECT_ENVIRONMENT", None)
    pip_files = [path for name in PIP_FILES if (path := Path.home() / name).is_file()]
    if pip_files:
        carried.setdefault("PIP_CONFIG_FILE", str(pip_files[0]))
    return {
        **carried,
        **{f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in AUTHOR.items()},
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "TERM": "dumb",
        # A terminal shows lines as they come; into a pipe Python would write them in large blocks.
        "PYTHONUNBUFFERED": "1",
        "PAGER": "cat",
        "PATH": os.pathsep.join(SYSTEM_PATH),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
        "UV_CACHE_DIR": uv_cache(),
    }


def redirect_clones(address: str, project: Path, home: Path) -> Path:
    """Have git clone a workspace where a recipe names the repository's address: no other commit answers for it.

    :param address: what the page shows.
    :param project: the workspace's copy, under git.
    :param home: the reader's home.
    :returns: the configuration of git that does so.
    """
    settings = home / ".gitconfig"
    settings.write_text(f'[url "{project}"]\n\tinsteadOf = {address}\n')
    return settings


def commit_everything(project: Path, environment: dict[str, str]) -> None:
    """Put a copy under git with one commit, so that ``git diff`` shows what a recipe changes."""
    dated = {**environment, "GIT_AUTHOR_DATE": "2000-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2000-01-01T00:00:00Z"}

    def git(*arguments: str) -> None:
        command = ["git", *arguments]
        done = subprocess.run(command, cwd=project, env=dated, capture_output=True, text=True, check=False)
        if done.returncode:
            raise StepFailure(f"The workspace could not be put under git: `{' '.join(command)}` said:\n{done.stderr}")

    git("-c", "init.defaultBranch=main", "init", "--quiet", "--template=")
    exclude = project / ".git" / "info" / "exclude"
    exclude.parent.mkdir(exist_ok=True)
    exclude.write_text(".venv/\n__pycache__/\n", encoding="utf-8")
    git("add", "--all", "--force", ":/")
    git("-c", "core.hooksPath=/dev/null", "commit", "--quiet", "--allow-empty", "--message", "The project")
