"""Start a throwaway MariaDB: ``root`` without password from loopback, utf8mb4, otherwise the server's own defaults."""

import os
import socket
from pathlib import Path

from cookbook.runner.services.launch import Launch, NotReadyError
from cookbook.runner.services.server import Server
from cookbook.runner.services.template import copy_template

# A small redo log makes the copy quick. Names are resolved (no skip-name-resolve), as on a reader's server: the server
# takes 127.0.0.1 for "localhost", so that a page's 'user'@'localhost' is let in over TCP.
SIZES = ["--innodb-log-file-size=4M"]
SETTINGS = [
    *SIZES,
    "--character-set-server=utf8mb4",
    # Durable writes would only cost time: the data ends with the run.
    "--innodb-flush-log-at-trx-commit=0",
    "--skip-innodb-doublewrite",
]
# The installation adds nameless users, who shadow real ones, and root from this machine's name.
GRANTS = """
FLUSH PRIVILEGES;
DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host NOT IN ('localhost', '127.0.0.1', '::1'));
"""


def start(launch: Launch) -> Server:
    """Start MariaDB and wait until it greets a client."""
    programs, data = launch.provision.programs, launch.folder / "data"
    server = str(programs["mariadbd"])
    # It refuses root unless told so; what runs is thrown away, and listens on loopback only.
    user = ["--user=root"] if os.geteuid() == 0 and not launch.namespace.isolated else []

    def initialise(target: Path) -> None:
        options = ["--auth-root-authentication-method=normal", "--skip-test-db", *user, *SIZES]
        launch.run([str(programs["mariadb-install-db"]), "--no-defaults", f"--datadir={target}", *options])
        launch.run([server, "--no-defaults", "--bootstrap", f"--datadir={target}", *user, *SETTINGS], script=GRANTS)

    copy_template(launch.cache, f"mariadb-{launch.provision.version}-{os.geteuid()}", initialise, data)
    unix_socket = launch.short / "mysqld.sock"
    listen = [f"--port={launch.port}", f"--bind-address={_choose_addresses(launch)}", f"--socket={unix_socket}"]
    files = [f"--datadir={data}", f"--pid-file={launch.short}/mariadbd.pid", f"--tmpdir={launch.short}"]
    launch.spawn([server, "--no-defaults", *files, *listen, *user, *SETTINGS])

    def ask() -> tuple[str, str]:
        with launch.namespace.connect(launch.port) as connection:
            return greet(connection)

    label, version = launch.wait(ask)
    # Its clients take "localhost" to mean the Unix socket, so they must be told where that is: the library by a
    # variable, the program by an option file, since Debian's /etc/mysql names the system's socket and wins otherwise.
    (launch.short / "my.cnf").write_text(f"[client]\nsocket={unix_socket}\n", encoding="utf-8")
    environment = {
        "MYSQL_HOME": str(launch.short),
        "MYSQL_UNIX_PORT": str(unix_socket),
        "MYSQL_TCP_PORT": str(launch.port),
    }
    return launch.finish(label, version, environment, [programs["mariadb"].parent])


def greet(connection: socket.socket) -> tuple[str, str]:
    """Return the name and version in the greeting that the server sends to each new client.

    Raises:
        NotReadyError: it refuses.
    """
    greeting = connection.recv(1024)
    if len(greeting) < 6 or greeting[4] != 10:
        raise NotReadyError(greeting[7:].decode(errors="replace") or "the connection was closed")
    # MariaDB may write 5.5.5- before its version, for old clients.
    told = greeting[5:].split(b"\0")[0].decode(errors="replace").removeprefix("5.5.5-")
    return ("MariaDB" if "mariadb" in told.lower() else "MySQL"), told.partition("-")[0]


def _choose_addresses(launch: Launch) -> str:
    # Several addresses are understood since 10.11; before, clients fall back from ::1.
    numbers = [int(number) for number in (launch.provision.version or "0").split(".")]
    return ",".join(launch.namespace.addresses) if numbers >= [10, 11] else "127.0.0.1"
