"""Types `make run` and talks to what it serves."""

import json
import re
import signal
import urllib.error
import urllib.request
from dataclasses import dataclass

import psutil

from cookbook.runner.process import Process

from .machine import choose_port, is_free
from .newcomer import Newcomer, press_ctrl_c

COMMAND = "make run"
# Environments, packages, recipes, the site: all of it happens before the first page is served.
SECONDS = 900
STOP_SECONDS = 30
DEFAULT_PORTS = {"SITE_PORT": 8001, "PROJECT_PORT": 8000}
ACCOUNT = re.compile(r"(\S+@\S+) (\S+)$", re.MULTILINE)


@dataclass
class Answer:
    """What a server answered."""

    status: int
    text: str


@dataclass
class Serving:
    """A running `make run`.

    :param ports: where it serves, by the variable that moves it.
    :param ready: whether it has come up.
    :param status: its exit status once it has ended.
    :param left: what still ran of it after its end.
    """

    process: Process
    ports: dict[str, int]
    ready: bool
    status: int | None = None
    left: list[str] | None = None

    def output(self) -> str:
        """Return what it has printed so far."""
        return self.process.output()

    def accounts(self) -> list[tuple[str, str]]:
        """Return the demo accounts that it has printed: address and password."""
        return ACCOUNT.findall(self.output())

    def fetch(self, variable: str, path: str, data: dict[str, str] | None = None, token: str = "") -> Answer:
        """Fetch a page of the site (SITE_PORT) or of the project (PROJECT_PORT); with data, post it as JSON."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        body = json.dumps(data).encode() if data is not None else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.ports[variable]}{path}", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                return Answer(answer.status, answer.read().decode(errors="replace"))
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read().decode(errors="replace"))

    def interrupt(self) -> None:
        """Press Ctrl-C, once, and wait for the end."""
        if self.status is None:
            family = [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]
            press_ctrl_c(self.process)
            self.status = self.process.wait(STOP_SECONDS)
            _, alive = psutil.wait_procs(family, timeout=2)
            strays = [f"{one.pid} {' '.join(one.cmdline())}" for one in alive if one.is_running()]
            self.left = sorted({*strays, *self.process.leftovers()})

    def end(self) -> None:
        """End it, whatever state it is in."""
        if self.process.status is None:
            self.process.terminate()
            self.process.wait(STOP_SECONDS)
        self.process.kill()


def start_serving(newcomer: Newcomer, tries: int = 2) -> Serving:
    """Type `make run` and wait until both servers are announced, or it ends.

    The usual ports are used unless another program on this machine has them. Another one may take them while the
    recipes run; then it is typed once more, as its message says.
    """
    ports = {name: port if is_free(port) else choose_port() for name, port in DEFAULT_PORTS.items()}
    moved = {name: str(port) for name, port in ports.items() if port != DEFAULT_PORTS[name]}
    process = newcomer.start(COMMAND, **moved)
    ready = process.wait_until(lambda: "Ctrl-C stops both." in process.output(), SECONDS)
    serving = Serving(process, ports, ready and process.status is None)
    if not serving.ready and tries > 1 and not all(is_free(port) for port in ports.values()):
        serving.end()
        return start_serving(newcomer, tries - 1)
    return serving


# A program that make interrupts ends well; make itself ends by the signal, which a shell reports as 130.
ENDS = {0, 130, -signal.SIGINT}
