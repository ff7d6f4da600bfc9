"""Say what of all that recipes need is there, and what is not."""

from pathlib import Path

from cookbook.runner.namespace import Namespace
from cookbook.runner.services.needs import read_needs
from cookbook.runner.services.provision import Provision, find


def examine(conf: Path) -> list[Provision]:
    """Look for every need.

    Args:
        conf: the folder that holds ``services.toml``.

    Returns:
        One provision for each, found or "missing", in the file's order.

    Raises:
        ServiceError: the file, or an address in the environment, cannot be read.
    """
    return [find(need) for need in read_needs(conf).values()]


def examine_namespaces() -> tuple[bool, str]:
    """Say whether manifests can run side by side.

    Returns:
        True and an empty string, or False and one sentence saying why not.
    """
    return Namespace.available()
