"""Asks accounts/me/ for a while, from this machine only: send_requests.py HOST:PORT SECONDS CONNECTIONS."""

import collections
import http.client
import json
import sys
import threading
import time

address, seconds, width = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
statuses: collections.Counter = collections.Counter()


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: str, **headers: str) -> tuple[int, bytes]:
    connection.request(method, f"/api/v1/accounts/{path}/", body, {"Content-Type": "application/json", **headers})
    response = connection.getresponse()
    return response.status, response.read()


try:
    login = json.dumps({"email": "demo@example.com", "password": "correct horse battery"})
    token = json.loads(ask(http.client.HTTPConnection(address), "POST", "token", login)[1])["access"]
except OSError:
    print("{}")
    sys.exit()
started = time.perf_counter()


def work() -> None:
    connection = http.client.HTTPConnection(address)
    while True:
        statuses[str(ask(connection, "GET", "me", "", Authorization=f"Bearer {token}")[0])] += 1
        if time.perf_counter() - started >= seconds:
            return


threads = [threading.Thread(target=work) for _ in range(width)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps({"statuses": statuses, "seconds": time.perf_counter() - started}))
