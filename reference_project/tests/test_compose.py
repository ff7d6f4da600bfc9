"""docker-compose.yml offers the very servers that the settings in force, and .env.example, name."""

import copy
import os
from typing import Any

import pytest
import yaml

from cookiecutter.settings import base
from cookiecutter.settings.database import read_database
from cookiecutter.settings.environment import BASE_DIR
from tests.compose import (
    find_broker_faults,
    find_database_faults,
    find_general_faults,
    read_example,
    read_ports,
)
from tests.images import StrictLoader

LOCAL = {"", "localhost", "127.0.0.1", "::1"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The parsed file."""
    return yaml.load((BASE_DIR / "docker-compose.yml").read_text(), Loader=StrictLoader)  # noqa: S506


def test_file_lists_services_that_are_private_pinned_and_checked(compose: dict[str, Any]) -> None:
    assert compose["services"]
    assert find_general_faults(compose) == []


def test_database_has_its_service(compose: dict[str, Any]) -> None:
    database = base.DATABASES["default"]
    chosen_for_this_run = bool(os.environ.get("DATABASE_URL"))
    if database["ENGINE"] == "django.db.backends.sqlite3" or chosen_for_this_run:
        # Nothing is configured, or CI names a server of its own: then what the example would
        # configure has to be right.
        example = read_example("DATABASE_URL")
        if example is None:
            return  # SQLite is spelled out, and no server is named that would have to be offered
        database = read_database(example)
    if database.get("HOST", "") not in LOCAL:
        pytest.skip(f"the database runs on another machine, {database['HOST']}")
    assert find_database_faults(compose, database) == []


def test_results_have_their_service(compose: dict[str, Any]) -> None:
    url = base.CELERY_RESULT_BACKEND or read_example("CELERY_RESULT_BACKEND")
    assert url, ".env.example shows no CELERY_RESULT_BACKEND"
    if url.startswith("rpc:"):
        # They come back through the broker, if that is RabbitMQ.
        configured = not base.CELERY_BROKER_URL.startswith("memory:")
        broker = base.CELERY_BROKER_URL if configured else read_example("CELERY_BROKER_URL")
        assert broker and broker.startswith(("amqp:", "pyamqp:"))
    else:
        assert find_broker_faults(compose, url) == []


def test_broker_has_its_service(compose: dict[str, Any]) -> None:
    url = base.CELERY_BROKER_URL
    if url.startswith("memory:"):
        example = read_example("CELERY_BROKER_URL")
        assert example, ".env.example shows no CELERY_BROKER_URL"
        url = example
    assert find_broker_faults(compose, url) == []


CHECK = {"test": ["CMD", "true"], "interval": "5s", "timeout": "5s", "retries": 10}
POSTGRES = {
    "image": "postgres:18",
    "environment": {
        "POSTGRES_USER": "u",
        "POSTGRES_PASSWORD": "p",
        "POSTGRES_DB": "n",
    },
    "ports": ["127.0.0.1:5432:5432"],
    "volumes": ["data:/var/lib/postgresql"],
    "healthcheck": CHECK,
}
MARIADB = {
    "image": "mariadb:11.8",
    "environment": [
        "MARIADB_RANDOM_ROOT_PASSWORD=yes",
        "MARIADB_USER=u",
        "MARIADB_PASSWORD=p",
        "MARIADB_DATABASE=n",
    ],
    "ports": [{"host_ip": "127.0.0.1", "published": "3306", "target": 3306}],
    "volumes": ["data:/var/lib/mysql"],
    "healthcheck": CHECK,
}
RABBITMQ = {
    "image": "rabbitmq:4-management",
    "hostname": "it",
    "environment": {"RABBITMQ_DEFAULT_USER": "u", "RABBITMQ_DEFAULT_PASS": "p"},
    "ports": ["127.0.0.1:5672:5672"],
    "volumes": ["data:/var/lib/rabbitmq"],
    "healthcheck": CHECK,
}
REDIS = {
    "image": "redis:8",
    "ports": ["127.0.0.1:6379:6379"],
    "volumes": ["data:/data"],
    "healthcheck": CHECK,
}
URLS = {
    "postgres": "postgres://u:p@127.0.0.1:5432/n",
    "mariadb": "mysql://u:p@127.0.0.1:3306/n",
    "rabbitmq": "amqp://u:p@127.0.0.1:5672//",
    "redis": "redis://127.0.0.1:6379/0",
}
SERVICES = {"postgres": POSTGRES, "mariadb": MARIADB, "rabbitmq": RABBITMQ, "redis": REDIS}


def find_faults(service: dict[str, Any], url: str) -> list[str]:
    """Find all faults of a file with one service, against one URL."""
    compose = {"services": {"it": service}, "volumes": {"data": None}}
    faults = find_general_faults(compose)
    if url.startswith(("postgres", "mysql")):
        return faults + find_database_faults(compose, read_database(url))
    return faults + find_broker_faults(compose, url)


@pytest.mark.parametrize("name", SERVICES)
def test_right_service_has_no_fault(name: str) -> None:
    assert find_faults(SERVICES[name], URLS[name]) == []


WRONG: dict[str, tuple[str, str, Any]] = {
    "another image": ("postgres", "image", "mariadb:11.8"),
    "no tag": ("redis", "image", "redis"),
    "latest": ("mariadb", "image", "mariadb:latest"),
    "another port": ("postgres", "ports", ["127.0.0.1:5433:5432"]),
    "another port inside": ("mariadb", "ports", ["127.0.0.1:3306:5432"]),
    "no port": ("rabbitmq", "ports", []),
    "open to the network": ("redis", "ports", ["6379:6379"]),
    "open by a wildcard": ("redis", "ports", ["0.0.0.0:6379:6379"]),
    "any port": ("redis", "ports", ["127.0.0.1::6379"]),
    "another password": (
        "postgres",
        "environment",
        {**POSTGRES["environment"], "POSTGRES_PASSWORD": "x"},
    ),
    "another database": (
        "mariadb",
        "environment",
        ["MARIADB_USER=u", "MARIADB_PASSWORD=p", "MARIADB_DATABASE=x"],
    ),
    "the variables of another vendor": ("mariadb", "environment", POSTGRES["environment"]),
    "no login": ("rabbitmq", "environment", {}),
    "no check": ("rabbitmq", "healthcheck", {}),
    "a check at Docker's own pace": ("redis", "healthcheck", {"test": ["CMD", "true"]}),
    "a check that the first server passes": (
        "postgres",
        "healthcheck",
        {**CHECK, "test": ["CMD", "pg_isready"]},
    ),
    "another name with each container": ("rabbitmq", "hostname", None),
    "an unknown volume": ("redis", "volumes", ["other:/data"]),
    "no volume": ("postgres", "volumes", []),
    "a volume elsewhere": ("mariadb", "volumes", ["data:/var/lib/postgresql"]),
    "two volumes": ("mariadb", "volumes", ["data:/var/lib/mysql", "data:/data"]),
    "another program": ("rabbitmq", "command", ["redis-server"]),
    "a port that nothing listens on": (
        "rabbitmq",
        "ports",
        ["127.0.0.1:5672:5672", "127.0.0.1:6379:6379"],
    ),
    "no word about root": (
        "mariadb",
        "environment",
        ["MARIADB_USER=u", "MARIADB_PASSWORD=p", "MARIADB_DATABASE=n"],
    ),
    "a variable too many": ("redis", "environment", {"POSTGRES_USER": "u"}),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_service_is_noticed(name: str) -> None:
    service, key, value = WRONG[name]
    changed = copy.deepcopy(SERVICES[service])
    changed[key] = value
    assert find_faults(changed, URLS[service])


def test_missing_service_is_noticed() -> None:
    for name, url in URLS.items():
        other = SERVICES["redis" if name != "redis" else "rabbitmq"]
        assert any("no service has the image" in fault for fault in find_faults(other, url))


def test_key_that_stands_twice_is_refused() -> None:
    with pytest.raises(yaml.YAMLError, match="stands twice: image"):
        yaml.load("image: one\nimage: two\n", Loader=StrictLoader)  # noqa: S506


def test_every_form_of_a_port_is_read() -> None:
    ports = ["80", "81:80", "127.0.0.1:82:80", "127.0.0.1::80", "[::1]:83:80", "84:80/tcp"]
    assert read_ports({"ports": ports}) == [
        ("", "", "80"),
        ("", "81", "80"),
        ("127.0.0.1", "82", "80"),
        ("127.0.0.1", "", "80"),
        ("::1", "83", "80"),
        ("", "84", "80"),
    ]
