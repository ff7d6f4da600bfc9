"""Compares docker-compose.yml with the servers that settings name; each function returns faults."""

import re
from typing import Any

from cookiecutter.settings.environment import BASE_DIR
from tests.images import find_image_faults

DATABASES = {
    # engine → images, the service's own port, variables that hold user, password and name
    "django.db.backends.postgresql": (
        {"postgres"},
        5432,
        [("POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB")],
    ),
    "django.db.backends.mysql": (
        {"mariadb", "mysql"},
        3306,
        [
            ("MARIADB_USER", "MARIADB_PASSWORD", "MARIADB_DATABASE"),
            ("MYSQL_USER", "MYSQL_PASSWORD", "MYSQL_DATABASE"),
        ],
    ),
}
BROKERS = {
    # scheme → images, the service's own port
    "redis": ({"redis", "valkey/valkey"}, 6379),
    "amqp": ({"rabbitmq"}, 5672),
    "pyamqp": ({"rabbitmq"}, 5672),
}
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
UNPINNED = {"", "latest"}


def read_example(name: str) -> str | None:
    """Read the value that .env.example shows for a variable, if it shows one."""
    text = (BASE_DIR / ".env.example").read_text()
    match = re.search(rf"^#? ?{name}=(.+)$", text, re.MULTILINE)
    return match.group(1).strip() if match else None


def split_image(image: str) -> tuple[str, str]:
    """Split ``name:tag``; the tag is empty when there is none."""
    name, _, tag = image.rpartition(":")
    return (name, tag) if name and "/" not in tag else (image, "")


def read_environment(service: dict[str, Any]) -> dict[str, str]:
    """Read a service's environment, written as a mapping or as a list."""
    environment = service.get("environment") or {}
    if isinstance(environment, list):
        environment = dict(line.partition("=")[::2] for line in environment)
    return {name: str(value) for name, value in environment.items()}


def read_ports(service: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Read a service's ports as (address, published port, the container's port)."""
    ports = []
    for port in service.get("ports") or []:
        if isinstance(port, dict):
            ports.append(
                (port.get("host_ip", ""), str(port.get("published", "")), str(port.get("target")))
            )
        else:
            match = re.fullmatch(r"(?:(\[[^\]]+\]|[^:]+):)??(?:(\d*):)?(\d+)(?:/\w+)?", str(port))
            address, published, target = match.groups() if match else (None, None, str(port))
            ports.append(((address or "").strip("[]"), published or "", target))
    return ports


def find_general_faults(compose: dict[str, Any]) -> list[str]:
    """Find what no service may have, whatever the settings say."""
    faults = []
    if "version" in compose:
        faults.append("version: is obsolete; leave it out")
    volumes = compose.get("volumes") or {}
    used: set[str] = set()
    for name, service in (compose.get("services") or {}).items():
        if split_image(service.get("image", ""))[1] in UNPINNED and not is_given(service):
            faults.append(f"{name}: image {service.get('image')!r} has no fixed tag")
        targets = [target for _address, _published, target in read_ports(service)]
        image = split_image(service.get("image", ""))[0].removeprefix("library/")
        fitting = find_image_faults(image, service, read_environment(service), targets)
        faults += [f"{name}: {fault}" for fault in fitting]
        if not is_checked(name, compose):
            faults.append(f"{name}: no healthcheck")
        faults += [f"{name}: {fault}" for fault in _find_check_faults(service)]
        for address, published, target in read_ports(service):
            if address not in LOOPBACK or not published:
                faults.append(f"{name}: port {target} is not bound as 127.0.0.1:PORT:{target}")
        for volume in service.get("volumes") or []:
            source = volume.get("source", "") if isinstance(volume, dict) else volume.split(":")[0]
            if source[:1] not in {".", "/", "~"} and source not in volumes:
                faults.append(f"{name}: volume {source!r} is not listed under volumes:")
            used.add(source)
    faults += [f"volumes: {name!r} is used by no service" for name in volumes if name not in used]
    return faults


def is_given(service: dict[str, Any]) -> bool:
    """Say whether a service's image is named by a variable that must be set."""
    return re.fullmatch(r"\$\{\w+:\?.+\}", service.get("image", "")) is not None


def is_own(service: dict[str, Any]) -> bool:
    """Say whether a service runs the project itself."""
    return "build" in service or is_given(service)


def is_one_shot(name: str, compose: dict[str, Any]) -> bool:
    """Say whether others wait for the end of a service."""
    conditions = [
        (service.get("depends_on") or {}).get(name)
        for service in compose["services"].values()
        if isinstance(service.get("depends_on"), dict)
    ]
    return {"condition": "service_completed_successfully"} in conditions


def is_checked(name: str, compose: dict[str, Any]) -> bool:
    """Say whether it is known of a service how it is, or how it ended."""
    service = compose["services"][name]
    check = service.get("healthcheck") or {}
    own_image = is_own(service) and not check  # the Dockerfile says how
    return bool(check.get("test")) or own_image or is_one_shot(name, compose)


def _find_check_faults(service: dict[str, Any]) -> list[str]:
    """Find what makes others wait too long, as Docker asks every 30 seconds; or too short."""
    check = service.get("healthcheck") or {}
    if not check.get("test"):
        return []
    faults = [f"its check has no {key}" for key in ("interval", "timeout") if key not in check]
    if "pg_isready" in str(check["test"]) and "--host" not in str(check["test"]):
        # While the image makes the database, its server answers by a socket alone.
        faults.append("its check is content with the server that makes the database: name a --host")
    if not {"retries", "start_period"} & set(check):
        faults.append("its check gives it no time to start: retries or start_period")
    return faults


def find_database_faults(compose: dict[str, Any], database: dict[str, Any]) -> list[str]:
    """Find why a DATABASES entry on this machine would not reach a service; nothing for SQLite."""
    if database["ENGINE"] not in DATABASES:
        return []
    images, own_port, variables = DATABASES[database["ENGINE"]]
    port = str(database.get("PORT") or own_port)
    services, faults = _find_services(compose, images, port, own_port)
    wanted = [str(database.get(key, "")) for key in ("USER", "PASSWORD", "NAME")]
    for name, service in services.items():
        environment = read_environment(service)
        found = [[environment.get(variable) for variable in three] for three in variables]
        if wanted not in found:
            faults.append(
                f"{name}: its user, password and database are not those of the settings; expected "
                + ", ".join(f"{v}={w}" for v, w in zip(variables[0], wanted, strict=True))
            )
    return faults


def find_broker_faults(compose: dict[str, Any], url: str) -> list[str]:
    """Find why a broker URL would not reach a service; nothing for a broker in memory."""
    scheme, _, rest = url.partition("://")
    if scheme not in BROKERS:
        return []
    images, own_port = BROKERS[scheme]
    match = re.search(r":(\d+)(?:/|$)", rest)
    port = match.group(1) if match else str(own_port)
    services, faults = _find_services(compose, images, port, own_port)
    login = re.match(r"([^:@/]*):([^@/]*)@", rest)
    user, password = login.groups() if login else ("guest", "guest")
    for name, service in services.items():
        environment = read_environment(service)
        made = (
            environment.get("RABBITMQ_DEFAULT_USER", "guest"),
            environment.get("RABBITMQ_DEFAULT_PASS", "guest"),
        )
        if scheme != "redis" and made != (user, password):
            faults.append(f"{name}: its user and password are not those of the broker's URL")
    return faults


def _find_services(
    compose: dict[str, Any], images: set[str], port: str, own_port: int
) -> tuple[dict[str, Any], list[str]]:
    by_image = {
        name: service
        for name, service in (compose.get("services") or {}).items()
        if split_image(service.get("image", ""))[0].removeprefix("library/") in images
    }
    wanted = " or ".join(sorted(images))
    if not by_image:
        return {}, [f"no service has the image {wanted}, which the settings in force need"]
    by_port = {
        name: service
        for name, service in by_image.items()
        if any(ports[1:] == (port, str(own_port)) for ports in read_ports(service))
    }
    if not by_port:
        return {}, [f"{', '.join(by_image)}: port {own_port} is not published as {port}"]
    return by_port, []
