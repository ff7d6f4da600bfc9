"""A server that takes connections and never says a word holds nobody for long."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db.utils import ConnectionHandler
from kombu import Connection
from kombu.exceptions import OperationalError as BrokerError

from cookiecutter.settings import servers
from cookiecutter.settings.database import read_database


@pytest.fixture
def mute() -> Iterator[int]:
    """The port of a server that never says anything."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(20)
        yield server.getsockname()[1]


@pytest.mark.parametrize("scheme", ["postgres", "mariadb"])
def test_database_that_hangs_is_given_up(mute: int, scheme: str) -> None:
    database = read_database(f"{scheme}://u:p@127.0.0.1:{mute}/d")
    assert database["OPTIONS"]["connect_timeout"] == 5
    if scheme == "postgres":
        database["OPTIONS"]["connect_timeout"] = 1
        begun = time.monotonic()
        wrapper: Any = ConnectionHandler({"default": database})["default"]
        with pytest.raises(wrapper.Database.OperationalError, match="timeout"):
            wrapper.get_new_connection(wrapper.get_connection_params())
        assert time.monotonic() - begun < 5


def test_what_the_address_says_wins() -> None:
    database = read_database("postgres://u:p@h/d?connect_timeout=20")
    assert str(database["OPTIONS"]["connect_timeout"]) == "20"
    assert database["OPTIONS"]["keepalives_idle"] == 15


def test_broker_that_hangs_is_given_up(mute: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "SECONDS", 0.2)
    url = f"redis://127.0.0.1:{mute}/0"
    patience = {"max_retries": 1, "interval_start": 0, "interval_step": 0}
    options = servers.limit_waiting(url) | patience
    # Without it, what follows would wait for ever.
    assert options["socket_timeout"] == 0.2
    begun = time.monotonic()
    with Connection(url, transport_options=options) as broker, pytest.raises(BrokerError):
        assert broker.default_channel
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("url", ["memory://localhost/", "amqp://guest@rabbit//"])
def test_other_brokers_get_no_options_that_they_do_not_know(url: str) -> None:
    assert servers.limit_waiting(url) == {}


def test_worker_waits_for_tasks_for_less_than_the_limit() -> None:
    from kombu.transport.redis import Transport

    options: dict[str, Any] = servers.limit_waiting("rediss://cache/0")
    assert options["socket_timeout"] > Transport.brpop_timeout
