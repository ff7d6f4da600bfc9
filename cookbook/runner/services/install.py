"""Installs what is missing by apt, where that is allowed, without letting it start anything."""

import os
import shutil
import subprocess
from collections.abc import Iterable

from cookbook.runner.services.provision import Provision

# Debian's scripts ask for the runlevel before they start a server; in 1 they start none. Recipes start their own.
QUIET = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}


def may_install() -> bool:
    """Tell whether apt is here and may be used without a password: as root, or by sudo."""
    if shutil.which("apt-get") is None:
        return False
    if os.geteuid() == 0:
        return True
    if shutil.which("sudo") is None:
        return False
    return subprocess.run(["sudo", "--non-interactive", "true"], capture_output=True, check=False).returncode == 0


def list_packages(provisions: Iterable[Provision]) -> list[str]:
    """Return the Debian packages of everything that is missing, each once."""
    missing = [provision for provision in provisions if provision.source == "missing"]
    return list(dict.fromkeys(package for provision in missing for package in provision.need.packages))


def install_packages(packages: list[str]) -> bool:
    """Install Debian packages; apt's own lines show the progress.

    Returns:
        Whether apt reported success.
    """
    settings = [f"{name}={value}" for name, value in QUIET.items()]
    apt = [*([] if os.geteuid() == 0 else ["sudo", "--non-interactive"]), "env", *settings, "apt-get", "--quiet"]
    # Not checked: one broken source must not keep the others from serving.
    subprocess.run([*apt, "update"], check=False)
    command = [*apt, "install", "--yes", "--no-install-recommends", *packages]
    return subprocess.run(command, check=False).returncode == 0
