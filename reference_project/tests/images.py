"""What images of servers need, so that docker-compose.yml can be checked without Docker."""

from dataclasses import dataclass
from typing import Any

import yaml


@dataclass(frozen=True)
class Image:
    """One image of a server, as its own documentation describes it.

    :param ports: where it listens.
    :param folders: where it keeps its data; one of them must be a volume.
    :param prefixes: how the variables that it reads begin.
    :param programs: what ``command:`` may start.
    :param one_of: variables of which it demands one.
    :param named: whether it keeps its data under the name of its machine.
    """

    ports: set[str]
    folders: set[str]
    prefixes: tuple[str, ...]
    programs: set[str]
    one_of: tuple[str, ...] = ()
    named: bool = False


IMAGES = {
    "postgres": Image(
        {"5432"},
        {"/var/lib/postgresql", "/var/lib/postgresql/data"},
        ("POSTGRES_", "PG"),
        {"postgres"},
        ("POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE"),
    ),
    "mariadb": Image(
        {"3306"},
        {"/var/lib/mysql"},
        ("MARIADB_", "MYSQL_"),
        {"mariadbd"},
        ("MARIADB_ROOT_PASSWORD", "MARIADB_RANDOM_ROOT_PASSWORD"),
    ),
    "redis": Image({"6379"}, {"/data"}, ("REDIS_",), {"redis-server"}),
    "rabbitmq": Image(
        {"5672", "15672", "15692"},
        {"/var/lib/rabbitmq"},
        ("RABBITMQ_",),
        {"rabbitmq-server"},
        named=True,
    ),
}


class StrictLoader(yaml.SafeLoader):
    """Refuses a key that stands twice, which YAML forbids and PyYAML lets pass."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Construct a mapping whose keys differ."""
        own = [key for key, _value in node.value if key.tag != "tag:yaml.org,2002:merge"]
        keys = [self.construct_object(key, deep=deep) for key in own]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise yaml.constructor.ConstructorError(
                None, None, f"stands twice: {', '.join(twice)}", node.start_mark
            )
        return super().construct_mapping(node, deep)


def find_image_faults(
    image: str, service: dict[str, Any], environment: dict[str, str], targets: list[str]
) -> list[str]:
    """Find what a service gives to an image that does not fit it; nothing for an unknown image.

    :param image: the image's name, without tag.
    :param environment: the service's variables.
    :param targets: the ports of the container that it publishes.
    """
    known = IMAGES.get(image)
    if known is None:
        return []
    faults = [f"port {port} is none of {image}" for port in targets if port not in known.ports]
    faults += [
        f"{name} is nothing that {image} reads"
        for name in environment
        if not name.startswith((*known.prefixes, "TZ"))
    ]
    volumes = [str(volume).split(":")[1:2] for volume in service.get("volumes") or []]
    folders = {folder for volume in volumes for folder in volume}
    if not folders & known.folders:
        faults.append(f"its data is lost with the container: {image} keeps it in {known.folders}")
    faults += [f"{image} keeps nothing in {folder}" for folder in folders - known.folders]
    command = service.get("command") or []
    program = (command.split() if isinstance(command, str) else command)[:1]
    faults += [f"{image} has no program {name}" for name in program if name not in known.programs]
    if known.one_of and not set(known.one_of) & set(environment):
        faults.append(f"{image} starts only with one of {', '.join(known.one_of)}")
    if known.named and not service.get("hostname"):
        # Docker gives each new container a new name.
        faults.append(f"a new container does not find its data: {image} needs a hostname")
    return faults
