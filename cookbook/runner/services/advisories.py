"""Start a stand-in for the database of known holes, osv.dev, which cannot be reached where recipes run.

It answers as that one does, and knows one hole: enough to see whether a scanner finds a version that has it.
"""

import json
import re
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cookbook.runner.services.launch import Launch, NotReadyError
from cookbook.runner.services.server import Server

PATH = "/v1/query"
# https://www.djangoproject.com/weblog/2025/sep/03/security-releases/
ADVISORY = {
    "id": "CVE-2025-57833",
    "summary": "SQL injection through FilteredRelation's column aliases in Django",
    "modified": "2025-09-03T00:00:00Z",
    "affected": [
        {
            "package": {"name": "django", "ecosystem": "PyPI"},
            "ranges": [
                {
                    "type": "ECOSYSTEM",
                    "events": [
                        {"introduced": introduced} if introduced else {"fixed": fixed}
                        for pair in (("4.2", "4.2.24"), ("5.1", "5.1.12"), ("5.2", "5.2.6"))
                        for introduced, fixed in ((pair[0], ""), ("", pair[1]))
                    ],
                }
            ],
        }
    ],
}


def start(launch: Launch) -> Server:
    """Start the server and wait until it answers."""
    launch.spawn([sys.executable, "-I", "-m", "cookbook.runner.services.advisories", str(launch.port)])

    def ask() -> str:
        with launch.namespace.connect(launch.port) as connection:
            return greet(connection)

    version = launch.wait(ask)
    address = f"http://127.0.0.1:{launch.port}{PATH}"
    return launch.finish(launch.need.label, version, {"PIP_AUDIT_OSV_URL": address}, [])


def greet(connection: socket.socket) -> str:
    """Return which advisories the server knows.

    Raises:
        NotReadyError: something else answers.
    """
    connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
    with connection.makefile("rb") as stream:
        lines = stream.read().decode(errors="replace").splitlines()
    if not lines or ADVISORY["id"] != lines[-1]:
        raise NotReadyError(f"it says {lines[:1]}")
    return lines[-1]


def is_affected(version: str) -> bool:
    """Say whether a version lies in one of the advisory's ranges."""
    events = ADVISORY["affected"][0]["ranges"][0]["events"]  # type: ignore[index]
    affected = False
    for event in events:
        for name, bound in event.items():
            if _numbers(version) >= _numbers(bound):
                affected = name == "introduced"
    return affected


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer(str(ADVISORY["id"]).encode())

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        package, version = asked["package"]["name"].lower(), asked["version"]
        found = [ADVISORY] if package == "django" and is_affected(version) else []
        self._answer(json.dumps({"vulns": found} if found else {}).encode())

    def log_message(self, format: str, *arguments: object) -> None:
        print(format % arguments, file=sys.stderr)

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), _Handler).serve_forever()
