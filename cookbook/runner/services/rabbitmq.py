"""Start a throwaway RabbitMQ node with its management and Prometheus plugins."""

import base64
import secrets
import signal
import socket
import struct
from pathlib import Path

from cookbook.runner.services.launch import Launch, NotReadyError, choose_port
from cookbook.runner.services.server import Server

NODE = "rabbit@localhost"
EPMD_PORT, DISTRIBUTION_PORT = 4369, 25672
PLUGINS = "[rabbitmq_management,rabbitmq_prometheus].\n"
ON_LOOPBACK = "-kernel inet_dist_use_interface {127,0,0,1}"
# Its many processes then share one thread: starting took 3.7 s in place of 4.9 on two cores.
ONE_SCHEDULER = "+S 1:1"
GUEST = base64.b64encode(b"guest:guest").decode()
COMPLETE = b"Server startup complete"
AMQP_HEADER = b"AMQP\x00\x00\x09\x01"


def start(launch: Launch) -> Server:
    """Start epmd and the node, and wait until AMQP, management and metrics answer."""
    programs, cookie = launch.provision.programs, secrets.token_hex(20)
    isolated = launch.namespace.isolated
    epmd, distribution = [port if isolated else choose_port(port) for port in (EPMD_PORT, DISTRIBUTION_PORT)]
    common = {"RABBITMQ_NODENAME": NODE, "ERL_EPMD_PORT": str(epmd), "ERL_EPMD_ADDRESS": "127.0.0.1"}
    own = {
        **common,
        **_write_files(launch, cookie),
        "RABBITMQ_DIST_PORT": str(distribution),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{ON_LOOPBACK} {ONE_SCHEDULER} -start_epmd false",
        "RUNNING_UNDER_SYSTEMD": "true",  # the script then becomes the node, in place of waiting for it
    }
    # The node would leave its own epmd behind; this one is ended like any other process.
    launch.spawn(["epmd", "-port", str(epmd), "-address", "127.0.0.1"], own)
    launch.wait(lambda: launch.namespace.connect(epmd).close())
    # SIGQUIT halts the virtual machine in an orderly way; SIGTERM would first spend six seconds on saving what nobody
    # will read.
    launch.spawn([str(programs["rabbitmq-server"])], own, stop_signal=signal.SIGQUIT)

    def ask() -> str:
        amqp, management, metrics = launch.ports.values()
        with launch.namespace.connect(amqp) as connection:
            version = greet(connection)
        for port, path in ((management, "/api/overview"), (metrics, "/metrics")):
            with launch.namespace.connect(port) as connection:
                _get(connection, path)
        # Its ports are open before the node counts as running, and until then rabbitmqctl is refused.
        if COMPLETE not in launch.log.read_bytes():
            raise NotReadyError("the start is not complete")
        return version

    version = launch.wait(ask)
    # The cookie goes to the client programs by argument: in HOME it would depend on the recipe's HOME.
    clients = {**common, "RABBITMQ_CTL_ERL_ARGS": f"-setcookie {cookie} {ON_LOOPBACK} {ONE_SCHEDULER}"}
    return launch.finish("RabbitMQ", version, clients, [programs["rabbitmqctl"].parent])


def greet(connection: socket.socket) -> str:
    """Open AMQP 0-9-1 and return the version in the server's first frame.

    Raises:
        NotReadyError: what answers speaks no AMQP yet.
    """
    connection.sendall(AMQP_HEADER)
    stream = connection.makefile("rb")
    head = stream.read(7)
    if len(head) < 7 or head[0] != 1:
        raise NotReadyError("no AMQP greeting")
    frame = stream.read(struct.unpack("!I", head[3:])[0])
    # The properties are a table: a name with its length before it, "S", the value with its length before it.
    _, found, rest = frame.partition(b"\x07versionS")
    if not found:
        raise NotReadyError("the AMQP greeting names no version")
    return rest[4 : 4 + struct.unpack("!I", rest[:4])[0]].decode(errors="replace")


def _get(connection: socket.socket, path: str) -> None:
    head = f"GET {path} HTTP/1.0\r\nHost: localhost\r\nAuthorization: Basic {GUEST}\r\n\r\n"
    connection.sendall(head.encode())
    status = connection.makefile("rb").readline().decode(errors="replace").split()
    if status[1:2] != ["200"]:
        raise NotReadyError(f"{path} answers {' '.join(status) or 'nothing'}")


def _write_files(launch: Launch, cookie: str) -> dict[str, str]:
    home = launch.short
    amqp, management, metrics = launch.ports.values()
    lines = [
        # Its own way to write ::1 has no brackets.
        *(f"listeners.tcp.{number} = {host}:{amqp}" for number, host in enumerate(launch.namespace.addresses, 1)),
        "management.tcp.ip = 127.0.0.1",
        f"management.tcp.port = {management}",
        "prometheus.tcp.ip = 127.0.0.1",
        f"prometheus.tcp.port = {metrics}",
    ]
    _write(home / "rabbitmq.conf", "\n".join(lines) + "\n")
    _write(home / "enabled_plugins", PLUGINS)
    _write(home / ".erlang.cookie", cookie).chmod(0o400)
    return {
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(launch.folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(home),
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",  # the machine's own settings are not ours
    }


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
