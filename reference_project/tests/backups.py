"""Runs the scripts that save and restore a server's data in a folder that plays the server."""

import os
import re
import subprocess
from pathlib import Path

from cookiecutter.settings.environment import BASE_DIR

TEMPLATES = BASE_DIR / "ansible/roles/postgresql/templates"
VALUES = {
    "project_name": "shop",
    "postgres_database": "shop",
    "postgres_user": "keeper",
    "postgresql_backups": "2",
}


class Machine:
    """A folder in which the scripts run as on a server, with programs of its own in front."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.programs = folder, folder / "programs"
        self.media = folder / "srv/shop/media"
        self.backups = folder / "backups/shop"
        self.environment = {"PATH": f"{self.programs}:{os.environ['PATH']}"}
        for one in (self.programs, self.media, self.backups):
            one.mkdir(parents=True)
        (self.media / "plan.txt").write_text("old")
        self.install("runuser", 'shift 3; exec "$@"')
        self.install("systemctl", f'echo "$1" >> {folder}/services')
        for name in ("createdb", "dropdb", "pg_restore", "psql"):
            self.install(name, "exit 0")
        self.install("pg_dump", "echo dump")

    def install(self, name: str, lines: str) -> None:
        """Put a program in front of the machine's own."""
        program = self.programs / name
        program.write_text(f"#!/bin/sh\n{lines}\n")
        program.chmod(0o755)

    def run(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run a script as it is on a server, apart from its folders."""
        text = (TEMPLATES / f"{name}.sh.j2").read_text(encoding="utf-8")
        text = re.sub(r"\{\{ (\w+) \}\}", lambda match: VALUES.get(match.group(1), ""), text)
        text = text.replace("/var/backups", f"{self.folder}/backups")
        text = text.replace("/srv", f"{self.folder}/srv")
        return subprocess.run(
            ["/bin/sh", "-c", text, name],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def ask(self, statement: str, database: str = "shop") -> str:
        """Ask the database, as its server's owner."""
        found = subprocess.run(
            [f"{self.programs}/psql", "-XAtqc", statement, database],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return found.stdout.strip()

    def list_services(self) -> list[str]:
        """List what was asked of systemd."""
        return (self.folder / "services").read_text().split()
