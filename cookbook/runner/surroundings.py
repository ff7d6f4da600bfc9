"""Surroundings: all that a manifest needs around its steps: a network, servers, a workspace; made and taken down."""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from ..recipe.manifest import Manifest, Step
from ..recipe.repository import Repository
from .folders import Folder, remove_abandoned
from .namespace import Namespace, NoNamespace
from .services import Provision, Server, ServiceError, find, read_needs, start
from .substitution import substitute
from .workspace import Workspace

NO_NAMESPACES = "COOKBOOK_NO_NAMESPACES"
# Without namespaces two manifests would want the same ports: they take turns, by this lock.
LOCK = Path(tempfile.gettempdir()) / f"cookbook-{os.getuid()}.lock"


class Missing(Exception):  # noqa: N818 - a state of the machine, not an error
    """Something that the manifest needs is not on this machine; the message says how to get it."""


def find_provisions(repository: Repository, manifest: Manifest) -> list[Provision]:
    """Look for everything that a manifest needs.

    :raises Missing: if something is not there; with the one command that installs it.
    :raises ServiceError: if a need is unknown, or its address in the environment is none.
    """
    if not manifest.needs:
        return []
    known = read_needs(repository.conf)
    if unknown := [name for name in manifest.needs if name not in known]:
        raise ServiceError(
            f"conf/services.toml does not know {', '.join(unknown)}; it knows {', '.join(known)}. Correct `:needs:`."
        )
    provisions = [find(known[name]) for name in dict.fromkeys(manifest.needs)]
    if missing := [one for one in provisions if one.source == "missing"]:
        lines = [f"{one.need.label} is not here: {one.reason} Install it: {one.install}" for one in missing]
        raise Missing("\n".join(lines))
    return provisions


class Surroundings:
    """What a manifest runs in.

    Attributes:
        network: takes programs into the manifest's own network; the host's for lack of namespaces.
        servers: those that were started for it.
        workspace: the fresh copy.
        versions: label → version of everything that it needs.
        substitutions: what to read in place of standard addresses.
        environment: the variables that the chosen tabs add.
    """

    def __init__(self, repository: Repository, manifest: Manifest) -> None:
        self._ending = contextlib.ExitStack()
        self.servers: list[Server] = []
        self.versions: dict[str, str] = {}
        self.substitutions: dict[str, str] = {}
        self.environment: dict[str, str] = {}
        self.host = NoNamespace()
        provisions = find_provisions(repository, manifest)
        remove_abandoned("cookbook-")
        try:
            self._open(repository, manifest, provisions)
        except BaseException:
            self.close()
            raise

    def _open(self, repository: Repository, manifest: Manifest, provisions: list[Provision]) -> None:
        outside = any(one.source == "address" for one in provisions)
        if not outside and not os.environ.get(NO_NAMESPACES) and Namespace.available()[0]:
            self.network: Namespace | NoNamespace = self._ending.enter_context(Namespace.create())
        else:
            self.network = self.host
            self._ending.enter_context(_take_turns())
        owned = Folder("cookbook-servers-")
        self._ending.callback(owned.close)
        # Servers come up while the workspace is made.
        with ThreadPoolExecutor(max_workers=4) as pool:
            wanted = [one for one in provisions if one.need.kind == "server"]
            cache = repository.cache / "services"
            coming = [pool.submit(start, one.need, self.network, owned.path, cache) for one in wanted]
            try:
                self.workspace = Workspace.create(repository, manifest)
                self._ending.callback(self.workspace.close)
            finally:
                errors = self._collect(coming)
        if errors:
            raise errors[0]
        self._introduce(provisions)
        for name, value in manifest.environment.items():
            for shown, used in self.substitutions.items():
                value = value.replace(shown, used)
            self.environment[name] = value
        self.workspace.environment.update(self.environment)

    def _collect(self, coming: list[Future[Server]]) -> list[BaseException]:
        errors = []
        for future in coming:
            if error := future.exception():
                errors.append(error)
                continue
            server = future.result()
            self._ending.callback(server.stop)
            self.servers.append(server)
        return errors

    def _introduce(self, provisions: list[Provision]) -> None:
        """Tell the workspace's shell about the servers, and note their versions."""
        entries: list[Path] = []
        for server in self.servers:
            entries += server.path_entries
            self.workspace.environment.update(server.environment)
            self.substitutions.update(server.substitutions)
            self.versions[server.label] = server.version
        for one in provisions:
            if one.need.kind != "server":
                entries += [program.parent for program in one.programs.values()]
                self.versions[one.need.label] = one.version or ""
        path = self.workspace.environment["PATH"].split(os.pathsep)
        # Behind the project's own programs, before the machine's.
        new = [entry for entry in dict.fromkeys(map(str, entries)) if entry not in path]
        self.workspace.environment["PATH"] = os.pathsep.join([*path[:2], *new, *path[2:]])

    def prepare(self, step: Step) -> tuple[Step, dict[str, str]]:
        """Return a step as it is run here, and the substitutions that it used."""
        return substitute(step, self.substitutions)

    def network_of(self, step: Step) -> Namespace | NoNamespace:
        """Return where a step runs."""
        return self.host if step.network == "host" else self.network

    def close(self) -> None:
        """Stop the servers, remove the workspace, give the network back.

        :raises ServiceError: if a server cannot be ended.
        """
        self._ending.close()


@contextlib.contextmanager
def _take_turns() -> Iterator[None]:
    """Wait until no other manifest runs on this machine's own network."""
    with LOCK.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # closing the file releases it
        yield
