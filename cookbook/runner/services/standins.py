"""Make what Docker would pull, out of Debian's packages: base image, servers' images, Compose and its builder.

Images cannot be pulled where recipes run. These have the names that the project's files use, and keep the promises
that those rely on; they are for the recipes alone. Evidence names Docker's version and Debian's.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from cookbook.runner.services.launch import Launch
from cookbook.runner.services.outside import do
from cookbook.runner.services.target import INHERITED, MIRROR, VARIABLES

IMAGES = Path(__file__).parent / "images"
BASE = "python:3.13-slim"
NAMES = {"postgres": "postgres:18", "redis": "redis:8"}
PACKAGES = "python3,python3-venv,python3-pip,ca-certificates"
# Debian names its plugins for Docker's client so.
PLUGINS = ("docker-compose", "docker-buildx")
PLUGIN_FOLDER = "usr/libexec/docker/cli-plugins"
UNUSED = ("usr/share/doc", "usr/share/man", "usr/share/locale", "var/lib/apt/lists")
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


def name_template(launch: Launch) -> str:
    """Return a name for what ``make_images`` makes; another one when anything that shapes it changes."""
    sources = [path.read_bytes() for path in (Path(__file__), *sorted(IMAGES.glob("*/*")))]
    version = str(launch.provision.version)
    digest = hashlib.sha256(b"\0".join([version.encode(), *sources])).hexdigest()
    return f"docker-{version}-{launch.need.suite}-{digest[:12]}"


def make_images(launch: Launch, folder: Path, call: Callable[..., str]) -> None:
    """Make the plugins, in a folder of their own, and the images, in the daemon that ``call`` reaches.

    :param launch: the start that needs them.
    :param folder: gets ``plugins``.
    :param call: calls Docker's client.
    :raises ServiceError: Debian's packages cannot be had, or a build failed.
    """
    with tempfile.TemporaryDirectory(prefix=".python-", dir=folder) as place:
        root = Path(place) / "root"
        program = str(launch.provision.programs["debootstrap"])
        do(program, "--variant=minbase", f"--include={PACKAGES}", str(launch.need.suite), str(root), MIRROR)
        for name in INHERITED:
            if (source := Path("/", name)).is_file():
                (root / name).unlink(missing_ok=True)
                shutil.copyfile(source, root / name)
        _fetch_plugins(root, folder / "plugins")
        _slim_down(root)
        archive = Path(place) / "root.tar"
        do("tar", f"--directory={root}", "--create", f"--file={archive}", ".")
        # How this machine reaches the registries of packages.
        variables = {name: os.environ[name] for name in VARIABLES if name in os.environ}
        variables |= {"SSL_CERT_FILE": CERTIFICATES}
        changes = [f"--change=ENV {name}={value}" for name, value in variables.items()]
        call("import", '--change=CMD ["python3"]', *changes, str(archive), BASE)
    for name, image in NAMES.items():
        call("build", "--quiet", f"--tag={image}", str(IMAGES / name))
    call("builder", "prune", "--all", "--force")


def _fetch_plugins(root: Path, target: Path) -> None:
    inside = ["chroot", str(root), "sh", "-ec"]
    do(*inside, "apt-get --quiet update && cd /tmp && apt-get --quiet download " + " ".join(PLUGINS))
    for package in (root / "tmp").glob("*.deb"):
        do("dpkg-deb", "--extract", str(package), str(root / "tmp"))
    shutil.copytree(root / "tmp" / PLUGIN_FOLDER, target)
    shutil.rmtree(root / "tmp")
    (root / "tmp").mkdir()
    (root / "tmp").chmod(0o1777)


def _slim_down(root: Path) -> None:
    for name in UNUSED:
        shutil.rmtree(root / name, ignore_errors=True)
    for package in (root / "var/cache/apt/archives").glob("*.deb"):
        package.unlink()
    # As in the image that it stands in for, Python is nobody's but the image's, and lies in /usr/local/bin.
    for path in root.glob("usr/lib/python3*/EXTERNALLY-MANAGED"):
        path.unlink()
    version = next(root.glob("usr/bin/python3.*")).name
    for name in ("python", "python3", version):
        (root / "usr/local/bin" / name).symlink_to(f"/usr/bin/{version}")
