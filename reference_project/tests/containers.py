"""Compares image and services that run the project with what it reads and needs; returns faults."""

import re
from typing import Any
from urllib.parse import urlsplit

from apps.core.variables import read_example
from cookiecutter.settings.environment import BASE_DIR
from tests.compose import BROKERS, DATABASES, is_one_shot, is_own, read_environment, split_image

# What an address begins with → the images that answer there.
IMAGES = {
    "postgres": DATABASES["django.db.backends.postgresql"][0],
    "mysql": DATABASES["django.db.backends.mysql"][0],
    "mariadb": DATABASES["django.db.backends.mysql"][0],
    "rediss": BROKERS["redis"][0],
    **{scheme: images for scheme, (images, _port) in BROKERS.items()},
}
# Read by Django itself.
KNOWN = {"DJANGO_SETTINGS_MODULE", "ENV_FILE"}
REFERENCE = re.compile(r"\$\{(\w+)[^}]*\}")
PROGRAMS = {"celery", "gunicorn", "python"}


def find_own_faults(compose: dict[str, Any]) -> list[str]:
    """Find what is wrong with the services that run the project itself.

    :param compose: a parsed file.
    :returns: one sentence for each fault.
    """
    faults = []
    services = compose.get("services") or {}
    known = {*read_example(), *KNOWN}
    for name, service in services.items():
        if not is_own(service):
            continue
        environment = read_environment(service)
        faults += [f"{name}: nothing reads {one}" for one in environment if one not in known]
        if "CELERY_BROKER_URL" not in environment:
            faults.append(f"{name}: has no CELERY_BROKER_URL, and would do all tasks itself")
        for variable, value in environment.items():
            faults += [
                f"{name}: {fault}"
                for fault in _find_address_faults(variable, value, name, services)
            ]
        faults += [f"{name}: {fault}" for fault in _find_rights_faults(service)]
        for other, how in (service.get("depends_on") or {}).items():
            if other not in services:
                faults.append(f"{name}: waits for {other}, which is no service")
            elif how.get("condition") not in ("service_healthy", "service_completed_successfully"):
                faults.append(f"{name}: does not wait until {other} is healthy, or done")
        program = (service.get("command") or ["gunicorn"])[0]
        if program not in PROGRAMS:
            faults.append(f"{name}: the image has no program {program}")
    if not any(is_own(service) for service in services.values()):
        faults.append("no service runs the project")
    return faults


def _find_address_faults(
    variable: str, value: str, name: str, services: dict[str, Any]
) -> list[str]:
    # A reference such as ${PASSWORD:?why} is no part of an address that can be read.
    address = urlsplit(REFERENCE.sub(lambda match: match.group(1), value))
    if address.scheme not in IMAGES:
        return []
    host = address.hostname or ""
    if host not in services:
        return [f"{variable} names {host}, which is no service"]
    image = split_image(services[host].get("image", ""))[0]
    if image not in IMAGES[address.scheme]:
        return [f"{variable} is an address of {address.scheme}, and {host} runs {image}"]
    faults = []
    database = address.scheme in ("postgres", "mysql", "mariadb")
    made = {REFERENCE.sub(r"\1", one) for one in read_environment(services[host]).values()}
    wanted = {address.username, address.password}
    if database:
        wanted.add(address.path.lstrip("/"))
    elif address.scheme in ("amqp", "pyamqp"):
        made |= {"guest"} if not made else set()
    else:
        wanted = set()
    if missing := [one for one in wanted if one not in made]:
        faults.append(f"{variable} asks {host} for {missing}, which it does not make")
    # What runs once, before the others, prepares the database and may do without the rest.
    once = is_one_shot(name, {"services": services})
    if host not in _list_waits(name, services) and (database or not once):
        faults.append(f"{variable} names {host}, and does not wait for it")
    return faults


def _list_waits(name: str, services: dict[str, Any]) -> set[str]:
    """List what a service waits for, by itself or through another."""
    found: set[str] = set()
    for other in services.get(name, {}).get("depends_on") or {}:
        found |= {other} | _list_waits(other, services)
    return found


def _find_rights_faults(service: dict[str, Any]) -> list[str]:
    faults = []
    if service.get("read_only") is not True:
        faults.append("its file system can be written: read_only: true")
    if service.get("cap_drop") != ["ALL"] or service.get("cap_add"):
        faults.append("it keeps rights of root: cap_drop: [ALL]")
    if "no-new-privileges:true" not in (service.get("security_opt") or []):
        faults.append("a program in it may gain rights: security_opt: [no-new-privileges:true]")
    if service.get("privileged") or str(service.get("user", "10001")).split(":")[0] in (
        "0",
        "root",
    ):
        faults.append("it runs as root")
    return faults


def find_dockerfile_faults(text: str, dependencies: list[str], uv: str) -> list[str]:
    """Find what is wrong with the image.

    :param text: the Dockerfile.
    :param dependencies: the names of the distributions that the project depends on.
    :param uv: the version of uv that the lock names.
    :returns: one sentence for each fault.
    """
    faults = []
    stages = re.split(r"^FROM ", text, flags=re.MULTILINE)[1:]
    last = stages[-1] if stages else ""
    for stage in stages:
        base = stage.split()[0]
        if base.endswith(":latest") or not re.search(r"[:@].", base):
            faults.append(f"the base {base} is not pinned")
    if users := re.findall(r"^USER (\S+)", last, re.MULTILINE):
        if not re.fullmatch(r"[1-9]\d*(:[1-9]\d*)?", users[-1]):
            faults.append(
                f"the user {users[-1]} is not a number other than 0, which Kubernetes asks for"
            )
    else:
        faults.append("the image runs as root")
    if "\nHEALTHCHECK" not in last:
        faults.append("the image says nothing of its health")
    if f"uv=={uv}" not in text:
        faults.append(f"the lock was made for uv {uv}, and another is installed")
    if "uv sync --frozen" not in text:
        faults.append("what is installed is not what the lock names")
    if re.search(r"\b(gcc|build-essential|pkg-config|\w+-dev)\b", last):
        faults.append("a compiler is left in the image")
    if "mysqlclient" in dependencies:
        if "libmariadb-dev" not in text or "gcc" not in text:
            faults.append("mysqlclient cannot be compiled: gcc and libmariadb-dev are missing")
        if "libmariadb3" not in last:
            faults.append("mysqlclient cannot be loaded: libmariadb3 is missing")
    return faults


def find_ignored(pattern_file: str, names: list[str]) -> list[str]:
    """List the names that .dockerignore keeps out of an image, of files at the top of the project.

    :param pattern_file: its text; the last pattern that fits counts.
    :param names: the names.
    """
    patterns = [line for line in pattern_file.splitlines() if line and not line.startswith("#")]
    ignored = []
    for name in names:
        verdict = False
        for pattern in patterns:
            bare = pattern.removeprefix("!")
            if bare in ("*", name):
                verdict = not pattern.startswith("!")
        if verdict:
            ignored.append(name)
    return ignored


def read_text(name: str) -> str:
    """Read a file of the project."""
    return (BASE_DIR / name).read_text(encoding="utf-8")
