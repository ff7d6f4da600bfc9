"""Hold a network namespace open: the program that lives inside it until its parent goes.

It runs as a script, alone (``python -I -S holder.py``), so it imports nothing of the engine. Its standard input is a
socket to the parent. Over that socket it announces that the loopback is up, and hands out connections made inside the
namespace. When the socket closes, because the parent closed it or died, it ends whatever is left inside, then itself.
(PR_SET_PDEATHSIG would not do: it fires when the *thread* that started the holder ends, and leaves the rest running.)
"""

import fcntl
import os
import signal
import socket
import struct
import time
from pathlib import Path

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1
GRACE_SECONDS = 2.0


def raise_loopback() -> None:
    """Bring ``lo`` up by ioctl: iproute2 may be missing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(control, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


def list_addresses() -> str:
    """Return the loopback addresses that a server can listen on, parted by blanks."""
    found = []
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as attempt:
                attempt.bind((address, 0))
        except OSError:
            continue
        found.append(address)
    return " ".join(found)


def list_inside() -> list[int]:
    """Return the processes, other than this one, that share this network namespace."""
    own = Path("/proc/self/ns/net").readlink()
    inside = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            if (entry / "ns" / "net").readlink() == own and (entry / "stat").read_text().rpartition(")")[2][1] != "Z":
                inside.append(int(entry.name))
        except OSError:
            continue  # gone meanwhile, or another user's
    return inside


def end_inside() -> None:
    """End every process left in the namespace: politely, then not, until none is found."""
    deadline = time.monotonic() + GRACE_SECONDS
    told = set()
    while inside := list_inside():
        late = time.monotonic() > deadline
        for pid in inside:
            if late or pid not in told:
                told.add(pid)
                try:
                    os.kill(pid, signal.SIGKILL if late else signal.SIGTERM)
                except OSError:
                    continue
        if time.monotonic() > deadline + GRACE_SECONDS:
            return  # in uninterruptible sleep: the kernel ends them when it can
        time.sleep(0.02)


def answer(parent: socket.socket, request: str) -> None:
    """Connect to ``host port`` inside the namespace and pass the connection to the parent."""
    host, port, seconds = request.split()
    try:
        with socket.create_connection((host, int(port)), float(seconds)) as connection:
            socket.send_fds(parent, [b"ok"], [connection.fileno()])
    except OSError as error:
        parent.send(f"{error.errno or 0} {error.strerror or error}".encode())


def main() -> None:
    """Raise the loopback, serve connections until the parent goes, then clear the namespace."""
    # The parent decides when this ends; a Ctrl-C in the terminal must not leave servers behind.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with socket.socket(fileno=0) as parent:
        try:
            raise_loopback()
        except OSError as error:
            parent.send(f"the loopback of a new network namespace cannot be brought up: {error}".encode())
            return
        parent.send(b"ready " + list_addresses().encode())
        try:
            while request := parent.recv(300):
                answer(parent, request.decode())
        except OSError:
            pass  # the parent died in the middle of a request
    end_inside()


if __name__ == "__main__":
    main()
