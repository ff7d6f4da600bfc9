"""Start a throwaway S3 server: SeaweedFS, which refuses wrong secrets and expired links as Amazon's does."""

import json
import socket

from cookbook.runner.services.launch import Launch, NotReadyError, choose_port
from cookbook.runner.services.server import Server

# What pages tell readers to put into their .env; it opens nothing but a server that lives for one recipe.
ACCESS_KEY, SECRET_KEY = "recipe-key", "recipe-secret"
# What its parts tell each other.
PORTS = {
    "master.port": 9333,
    "master.port.grpc": 19333,
    "filer.port": 8888,
    "filer.port.grpc": 18888,
    "volume.port": 9340,
    "volume.port.grpc": 19340,
    "s3.port.grpc": 18333,
}
ACTIONS = ["Admin", "Read", "Write", "List", "Tagging"]


def start(launch: Launch) -> Server:
    """Start the server with one identity and wait until it has refused a stranger."""
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
    command += ["-admin.ui=false", "-webdav=false", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    command.append(f"-s3.port={launch.port}")
    for option, standard in PORTS.items():
        command.append(f"-{option}={standard if launch.namespace.isolated else choose_port(standard)}")
    launch.spawn(command)

    def ask() -> str:
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
