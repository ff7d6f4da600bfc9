"""Runs Python in the project's folder, with the variables that a test names and no others."""

import re
import subprocess
import sys

from cookiecutter.settings.environment import BASE_DIR
from tests.inherited import inherit

KEY = "k3y-0f-m4ny-ch4r4ct3rs-th4t-n0b0dy-w1ll-3v3r-gu3ss-1n-4ll-3t3rn1ty"
# With these, the production settings start.
SAFE = {
    "SECRET_KEY": KEY,
    "ALLOWED_HOSTS": "www.example.com",
    "EMAIL_HOST": "smtp.example.com",
}


def read_documented() -> set[str]:
    """Read the names of all variables that .env.example describes.

    :returns: the names.
    """
    text = (BASE_DIR / ".env.example").read_text()
    return set(re.findall(r"^#? ?([A-Z][A-Z0-9_]*)=", text, re.MULTILINE))


def run_python(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python to its end.

    :param arguments: what follows ``python``.
    :param variables: the whole environment but for PATH; those of ``.env.example`` are empty,
        because a variable that is not set would be read from a ``.env``.
    :returns: what it printed, and its exit status.
    """
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=BASE_DIR,
        env={
            **dict.fromkeys(read_documented(), ""),
            **inherit(),
            "DATABASE_URL": "sqlite://:memory:",
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )
