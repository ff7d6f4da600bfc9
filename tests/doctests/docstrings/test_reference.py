"""The page of environment variables says what the code says."""

import subprocess
from pathlib import Path

from .project import find_repository

PAGE = find_repository().docs / "reference/environment_variables.md"


def test_environment_variables_are_those_of_the_code(project: Path) -> None:
    command = [str(project / ".venv/bin/python"), "manage.py", "settings_table"]
    table = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True).stdout
    introduction, heading, tables = PAGE.read_text(encoding="utf-8").partition("\n## ")
    told = f"Replace what follows the introduction of {PAGE.name} by the output of `{' '.join(command[1:])}`."
    assert heading.strip() + " " + tables == table, told
    assert "settings_table" in introduction
