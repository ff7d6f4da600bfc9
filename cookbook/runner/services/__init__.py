"""Find and start the servers that recipes need: each a throwaway on loopback, ended without a trace."""

import contextlib
import socket
from pathlib import Path

from cookbook.runner.namespace import Namespace, NoNamespace
from cookbook.runner.services import advisories, docker, mariadb, postgresql, rabbitmq, redis, seaweedfs, target
from cookbook.runner.services.errors import ServiceError
from cookbook.runner.services.launch import Launch, NotReadyError, list_substitutions
from cookbook.runner.services.needs import Need, read_needs
from cookbook.runner.services.provision import Provision, find
from cookbook.runner.services.server import Server

__all__ = ["Need", "Provision", "Server", "ServiceError", "find", "read_needs", "start"]

KINDS = {"postgresql": postgresql, "mariadb": mariadb, "redis": redis, "rabbitmq": rabbitmq, "s3": seaweedfs}
KINDS |= {"target": target, "target13": target, "docker": docker, "advisories": advisories}
OUTSIDE_SECONDS = 5.0


def start(need: Need, namespace: Namespace | NoNamespace, folder: Path, cache: Path) -> Server:
    """Start a server and return once it answers.

    Args:
        need: what to start; its kind must be "server".
        namespace: where it runs. In a Namespace it has its standard ports; on the host a free one when that is taken.
        folder: gets a folder for this start, with the log, which outlives the server, and the data, which does not.
        cache: keeps initialised data folders between runs; several processes may share it.

    Returns:
        The running server.

    Raises:
        ServiceError: it was not found, or did not come up in time.
    """
    if need.name not in KINDS:
        raise ServiceError(f"{need.label} is nothing that can be started; servers are {', '.join(KINDS)}.")
    provision = find(need)
    if provision.source == "missing":
        raise ServiceError(f"{need.label} was not found: {provision.reason} Install it: {provision.install}")
    if provision.address:
        return _adopt(need, namespace, *provision.address)
    launch = Launch.prepare(provision, namespace, folder, cache)
    try:
        return KINDS[need.name].start(launch)
    except OSError as error:
        launch.clear()
        raise ServiceError(f"{need.label} could not be prepared: {error}. Check {folder} and {cache}.") from error
    except BaseException:
        launch.clear()
        raise


def _adopt(need: Need, namespace: Namespace | NoNamespace, host: str, port: int) -> Server:
    # Somebody else's server: asked for its version, never stopped.
    if namespace.isolated:
        raise ServiceError(
            f"{need.address_variable} names a server at {host}:{port}, which a network namespace cannot reach. "
            "Run without namespaces, or unset the variable."
        )
    label, version = need.label, ""
    try:
        with socket.create_connection((host, port), OUTSIDE_SECONDS) as connection:
            told = KINDS[need.name].greet(connection)
    except (OSError, NotReadyError) as error:
        told = f"{need.address_variable} names {host}:{port}, but no {need.label} answers there ({error})"
        raise ServiceError(f"{told}. Start it, or unset the variable.") from error
    with contextlib.suppress(ValueError):
        label, version = told if isinstance(told, tuple) else (label, told or "")
    moved = {need.ports[0]: (host, port)} if (host, port) != ("localhost", need.ports[0]) else {}
    return Server(need.name, label, version, host, port, "address", substitutions=list_substitutions(moved))
