"""The table of Ansible's variables says what the playbook accepts, and vars/main.yml sets each of them."""

import re
from pathlib import Path

import yaml

from cookbook.recipe.repository import open_repository

REPOSITORY = open_repository(Path(__file__).parent)
ANSIBLE = REPOSITORY.reference / "ansible"
PAGE = REPOSITORY.docs / "reference/ansible_variables.md"


def read_options() -> dict[str, dict]:
    specification = (ANSIBLE / "roles/common/meta/argument_specs.yml").read_text(encoding="utf-8")
    return yaml.safe_load(specification)["argument_specs"]["main"]["options"]


def test_the_table_is_that_of_the_playbook() -> None:
    rows = [
        f"| `{name}` | {told['type']} | {'yes' if told.get('required') else 'no'} | {told['description']} |"
        for name, told in read_options().items()
    ]
    shown = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert shown == rows, "the table should be:\n" + "\n".join(rows)


def test_every_variable_is_set_to_begin_with() -> None:
    written = re.findall(r"^(\w+):", (ANSIBLE / "vars/main.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(written) == set(read_options())


def test_the_defaults_are_those_of_the_file() -> None:
    values = yaml.safe_load((ANSIBLE / "vars/main.yml").read_text(encoding="utf-8"))
    for name, told in read_options().items():
        if "default" in told:
            assert values[name] == told["default"], name


def test_no_variable_is_read_that_nothing_sets() -> None:
    """Roles read what the file, a role or Ansible itself sets; the names of shared ones are in the table."""
    sources = [path for path in ANSIBLE.rglob("*") if path.suffix in (".yml", ".j2")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    for name in read_options():
        assert len(re.findall(rf"\b{name}\b", text)) > 2, f"nothing reads {name}"
