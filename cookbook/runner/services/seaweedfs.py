"""Start a throwaway S3 server: SeaweedFS, which refuses wrong secrets and expired links as Amazon's does."""

import json
import socket
from pathlib import Path

from cookbook.runner.services.launch import Launch, NotReadyError, choose_port
from cookbook.runner.services.server import Server

# What pages tell readers to put into their .env; it opens nothing but a server that lives for one recipe.
ACCESS_KEY, SECRET_KEY = "recipe-key", "recipe-secret"
# Through these its parts speak with each other.
PARTS = ["master.port", "master.port.grpc", "filer.port", "filer.port.grpc"]
PARTS += ["volume.port", "volume.port.grpc", "s3.port.grpc"]
ACTIONS = ["Admin", "Read", "Write", "List", "Tagging"]


def start(launch: Launch) -> Server:
    """Start the server with one identity and wait until it has room for files and has refused a stranger."""
    identity = {
        "name": "recipe",
        "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
        "actions": ACTIONS,
    }
    settings = launch.short / "s3.json"
    settings.write_text(json.dumps({"identities": [identity]}), encoding="utf-8")
    data = launch.folder / "data"
    data.mkdir()
    command = [str(launch.provision.programs["weed"]), "mini", f"-dir={data}", f"-s3.config={settings}"]
    # It would listen everywhere, report home, make buckets unasked, and serve what nobody wants.
    command += ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false", "-s3.autoCreateBucket=false"]
    # Counting free space by itself, it at times finds none while it starts.
    command += ["-volume.max=16", "-admin.ui=false", "-webdav=false", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    command.append(f"-s3.port={launch.port}")
    # Its parts also speak through files in /tmp that are named by these ports: in another network, another
    # server must have others. A port that is free on the host serves in a network of one's own, too.
    ports = {part: choose_port(0) for part in PARTS}
    names = [f"seaweedfs-{part.split('.')[0]}-grpc-{port}.sock" for part, port in ports.items()]
    launch.leftovers += [Path("/tmp") / name for name in names]  # noqa: S108
    sockets = {"filer.localSocket": "filer", "s3.localFilerSocket": "filer", "s3.localSocket": "s3"}
    command += [f"-{option}={launch.short}/{part}.sock" for option, part in sockets.items()]
    launch.spawn([*command, *(f"-{name}={port}" for name, port in ports.items())])

    def ask() -> str:
        with launch.namespace.connect(ports["master.port"]) as connection:
            _find_room(connection)
        with launch.namespace.connect(launch.port) as connection:
            return greet(connection)

    return launch.finish("SeaweedFS", launch.wait(ask) or launch.provision.version or "", {}, [])


def greet(connection: socket.socket) -> str:
    """Ask for the buckets without a key and return the version in the head of the refusal.

    Raises:
        NotReadyError: it does not refuse yet, so it does not know its identities.
    """
    connection.sendall(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
    status, *lines = connection.makefile("rb").read().decode(errors="replace").split("\r\n")
    if status.split()[1:2] != ["403"]:
        raise NotReadyError(f"a stranger is answered {status or 'nothing'}")
    headers = dict(line.split(": ", 1) for line in lines if ": " in line)
    return headers.get("Server", "").rpartition(" ")[2]


def _find_room(connection: socket.socket) -> None:
    # Its parts come up one by one: until the last has joined, files are refused with an internal error.
    connection.sendall(b"GET /dir/assign HTTP/1.0\r\nHost: localhost\r\n\r\n")
    answer = connection.makefile("rb").read().decode(errors="replace")
    if '"fid"' not in answer:
        raise NotReadyError(f"there is no room for files yet: {answer[-200:]}")
