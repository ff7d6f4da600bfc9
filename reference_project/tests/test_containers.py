"""The image and the services that run the project fit it, and may do no more than it needs."""

import copy
import functools
import re
import tomllib
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from django.test import Client

from cookiecutter.settings.environment import BASE_DIR
from tests.compose import find_general_faults, is_own, read_environment
from tests.containers import find_dockerfile_faults, find_ignored, find_own_faults, read_text
from tests.images import StrictLoader

FILES = ["docker-compose.yml", "docker-compose.prod.yml"]


def read_compose(name: str) -> dict[str, Any]:
    """Parse one of the files."""
    return yaml.load(read_text(name), Loader=StrictLoader)  # noqa: S506


def read_dependencies() -> list[str]:
    """List the distributions that the project depends on."""
    lines = tomllib.loads(read_text("pyproject.toml"))["project"]["dependencies"]
    return [re.split(r"[^\w-]", line)[0] for line in lines]


@functools.cache  # a lock of this size takes a tenth of a second to parse
def read_uv() -> str:
    """Read the version of uv that the lock names."""
    packages = tomllib.loads(read_text("uv.lock"))["package"]
    return next(package["version"] for package in packages if package["name"] == "uv")


@pytest.mark.parametrize("name", FILES)
def test_services_fit_the_project(name: str) -> None:
    compose = read_compose(name)
    assert find_general_faults(compose) == []
    assert find_own_faults(compose) == []
    assert sum(is_own(service) for service in compose["services"].values()) >= 4


def test_both_files_run_the_same_programs() -> None:
    commands = []
    for name in FILES:
        services = read_compose(name)["services"]
        assert {"app", "beat", "db", "migrate", "worker"} <= set(services)
        commands.append(
            {one: services[one].get("command") for one in ("beat", "migrate", "worker")}
        )
    assert commands[0] == commands[1]


def test_production_names_its_secrets_and_keeps_servers_inside() -> None:
    text, compose = read_text("docker-compose.prod.yml"), read_compose("docker-compose.prod.yml")
    servers = [service for service in compose["services"].values() if not is_own(service)]
    given = [value for service in servers for value in read_environment(service).values()]
    secrets = {match.group(1) for one in given if (match := re.match(r"\$\{(\w+)", one))}
    logins = [one for one in servers if read_environment(one)]
    assert len(secrets) == len(logins) >= 1
    secrets.add("SECRET_KEY")
    for secret in ("ALLOWED_HOSTS", "IMAGE", *secrets):
        assert re.search(rf"\$\{{{secret}:\?", text), secret
        assert not re.search(rf"\$\{{{secret}:-", text), secret
    networks = compose["networks"]
    for name, service in compose["services"].items():
        if not is_own(service):
            assert "ports" not in service, name
            assert all(networks[network]["internal"] for network in service["networks"]), name
        assert service["restart"] == ("no" if name == "migrate" else "unless-stopped"), name


def test_image_fits_the_project() -> None:
    assert find_dockerfile_faults(read_text("Dockerfile"), read_dependencies(), read_uv()) == []


@pytest.mark.django_db
def test_path_of_the_health_check_answers(client: Client) -> None:
    (address,) = re.findall(r"http://127[^']+", read_text("Dockerfile"))
    assert urlsplit(address).port == 8000
    assert client.get(urlsplit(address).path).status_code == 200


def test_build_sees_no_secret_and_no_data() -> None:
    kept_out = [
        ".env",
        ".env.production",
        ".git",
        ".venv",
        "db.sqlite3",
        "media",
        "ansible",
        "staticfiles",
    ]
    needed = ["manage.py", "pyproject.toml", "uv.lock", "apps", "cookiecutter"]
    assert all((BASE_DIR / name).exists() for name in needed)
    assert find_ignored(read_text(".dockerignore"), [*kept_out, *needed]) == kept_out


WRONG: dict[str, tuple[str, Any]] = {
    "no broker": ("environment", {"DJANGO_SETTINGS_MODULE": "cookiecutter.settings.production"}),
    "an unknown variable": ("environment", {"CELERY_BROKER": "redis://redis:6379/0"}),
    "an unknown host": ("environment", {"DATABASE_URL": "postgres://u:p@localhost:5432/n"}),
    "a host of another kind": ("environment", {"CELERY_BROKER_URL": "amqp://redis:5672//"}),
    "another password": (
        "environment",
        {"DATABASE_URL": "postgres://cookiecutter:x@db:5432/cookiecutter"},
    ),
    "no wait": ("depends_on", {}),
    "a wait for the start alone": ("depends_on", {"db": {"condition": "service_started"}}),
    "a wait for nobody": ("depends_on", {"cache": {"condition": "service_healthy"}}),
    "files that can be written": ("read_only", False),
    "rights of root": ("cap_add", ["NET_ADMIN"]),
    "a way to more rights": ("security_opt", []),
    "root itself": ("user", "root"),
    "an unknown program": ("command", ["uwsgi"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_service_is_noticed(name: str) -> None:
    compose = copy.deepcopy(read_compose("docker-compose.prod.yml"))
    key, value = WRONG[name]
    compose["services"]["app"][key] = value
    assert find_own_faults(compose)


@pytest.mark.parametrize("login", ["u:p", "guest:guest"])
def test_login_of_rabbitmq_is_compared(login: str) -> None:
    made = {"RABBITMQ_DEFAULT_USER": "u", "RABBITMQ_DEFAULT_PASS": "p"} if login == "u:p" else {}
    compose = copy.deepcopy(read_compose("docker-compose.prod.yml"))
    compose["services"]["redis"] = {"image": "rabbitmq:4", "environment": made}
    for name, faults in {login: 0, "u:x": 1, "x:p": 1}.items():
        compose["services"]["app"]["environment"] = {
            "CELERY_BROKER_URL": f"amqp://{name}@redis:5672//"
        }
        found = [one for one in find_own_faults(compose) if one.startswith("app: CELERY_BROKER")]
        assert len(found) == faults, found


def test_missing_services_are_noticed() -> None:
    assert find_own_faults({"services": {}}) == ["no service runs the project"]


CHANGES = {
    "a base that moves": ("python:${PYTHON}-slim", "python:latest"),
    "a base without tag": ("python:${PYTHON}-slim", "python"),
    "root": ("USER 10001:10001", "USER root"),
    "nobody": ("USER 10001:10001", ""),
    "no check": ("HEALTHCHECK", "# HEALTHCHECK"),
    "another uv": ("uv==", "uv==0.1."),
    "no lock": ("uv sync --frozen", "uv pip install"),
    "a compiler": ("RUN groupadd", "RUN apt-get install gcc && groupadd"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_wrong_image_is_noticed(name: str) -> None:
    before, after = CHANGES[name]
    text = read_text("Dockerfile")
    assert before in text
    assert find_dockerfile_faults(text.replace(before, after), read_dependencies(), read_uv())


def test_driver_that_is_not_in_the_image_is_noticed() -> None:
    without = re.sub(r"libmariadb\S*", "", read_text("Dockerfile"))
    faults = find_dockerfile_faults(without, ["mysqlclient"], read_uv())
    assert [fault.split(":")[0] for fault in faults] == [
        "mysqlclient cannot be compiled",
        "mysqlclient cannot be loaded",
    ]
