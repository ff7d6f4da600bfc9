"""Start a throwaway Redis, or the Valkey that stands in for it: nothing is written to disk."""

import socket

from cookbook.runner.services.launch import Launch, NotReadyError
from cookbook.runner.services.server import Server


def start(launch: Launch) -> Server:
    """Start the server and wait until it answers PING and INFO."""
    program = launch.provision.programs["redis-server"]
    listen = ["--port", str(launch.port), "--bind", *launch.namespace.addresses, "--protected-mode", "yes"]
    forget = ["--save", "", "--appendonly", "no", "--daemonize", "no", "--dir", str(launch.short)]
    launch.spawn([str(program), *listen, *forget])

    def ask() -> tuple[str, str]:
        with launch.namespace.connect(launch.port) as connection:
            return greet(connection)

    label, version = launch.wait(ask)
    environment = {} if launch.port == launch.need.ports[0] else {"REDISCLI_PORT": str(launch.port)}
    return launch.finish(label, version, environment, [program.parent])


def greet(connection: socket.socket) -> tuple[str, str]:
    """Return the name and version that the server gives itself, such as ("Valkey", "9.1.2").

    Raises:
        NotReadyError: it loads its data still, or refuses.
    """
    connection.sendall(b"PING\r\nINFO server\r\n")
    stream = connection.makefile("rb")
    if (pong := stream.readline()) != b"+PONG\r\n":
        raise NotReadyError(pong.decode(errors="replace").strip() or "the connection was closed")
    size = stream.readline().strip()
    if not size.startswith(b"$"):
        raise NotReadyError(size.decode(errors="replace"))
    lines = stream.read(int(size[1:])).decode(errors="replace").splitlines()
    facts = dict(line.split(":", 1) for line in lines if ":" in line)
    # Valkey gives a redis_version too, the one that it is compatible with: that is not what runs.
    if "valkey_version" in facts:
        return "Valkey", facts["valkey_version"]
    return "Redis", facts["redis_version"]
