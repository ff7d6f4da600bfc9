"""Give a network of its own a way out through this machine, as a server needs that installs packages."""

import os
import secrets
import subprocess
from pathlib import Path

from cookbook.runner.services.errors import ServiceError

FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
DEVICE = "outside"


def choose_name() -> tuple[str, str, str]:
    """Choose a name for a network that no other has now, and a pair of addresses for its way out.

    :returns: the name, this machine's address, the network's.
    """
    number = secrets.randbits(32)
    # 198.18.0.0/15 is for tests between networks (RFC 2544): a pair of addresses out of it.
    pair = number % 0x7FFF * 4
    outer, inner = (f"198.18.{pair >> 8 & 255}.{(pair & 255) + last}" for last in (1, 2))
    return f"cb{number:08x}", outer, inner


def open_way(name: str, outer: str, inner: str, network: str, inside: list[str]) -> None:
    """Make the link, the addresses and the translation of addresses; ``close_way`` takes them away.

    :param name: of the link on this machine, and of the table of its firewall.
    :param outer: this machine's address on the link.
    :param inner: the network's.
    :param network: what `ip link` calls the network: a name, or the id of a process in it.
    :param inside: the words before a command that runs `ip` in the network.
    :raises ServiceError: a command failed.
    """
    do("ip", "link", "add", name, "type", "veth", "peer", "name", DEVICE, "netns", network)
    do("ip", "address", "add", f"{outer}/30", "dev", name)
    do("ip", "link", "set", name, "up")
    do(*inside, "address", "add", f"{inner}/30", "dev", DEVICE)
    do(*inside, "link", "set", DEVICE, "up")
    do(*inside, "route", "add", "default", "via", outer)
    rules = f"chain out {{ type nat hook postrouting priority srcnat; ip saddr {inner} masquerade; }};"
    do("nft", f"table ip {name} {{ {rules} }}")
    # Packets pass through this machine. It stays so: another server may still need it.
    if FORWARDING.read_text().strip() != "1":
        FORWARDING.write_text("1")


def close_way(name: str) -> None:
    """Take a link and its table away, whatever of them is there."""
    for command in (["nft", "delete", "table", "ip", name], ["ip", "link", "delete", name]):
        subprocess.run(command, capture_output=True, check=False)


def do(*argv: str, environment: dict[str, str] | None = None, seconds: float | None = None) -> str:
    """Run a program on this machine, outside the manifest's network; return what it printed.

    :param environment: variables beyond this process's own.
    :param seconds: how long it may take.
    :raises ServiceError: it failed.
    """
    try:
        variables = {**os.environ, **(environment or {})}
        done = subprocess.run(
            argv, capture_output=True, text=True, cwd="/", env=variables, check=False, timeout=seconds
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ServiceError(f"{argv[0]} failed: {error}") from error
    if done.returncode:
        reason = (done.stderr or done.stdout).strip()[-500:]
        raise ServiceError(f"{' '.join(argv[:4])} ended with {done.returncode}: {reason}")
    return done.stdout
