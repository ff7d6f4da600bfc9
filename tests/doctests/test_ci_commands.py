"""Every command in the files of CI stands in a guide, whose steps are executed; so each of them was run."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from cookbook.recipe.console import parse_session
from cookbook.recipe.manifest import read_inventory
from cookbook.recipe.repository import open_repository

REPOSITORY = open_repository(Path(__file__).parent)
PROJECT = REPOSITORY.reference
GUIDES = ("test_on_circleci", "scan_with_gitlab_ci")
CIRCLECI, GITHUB, GITLAB = ".circleci/config.yml", ".github/workflows/test.yml", ".gitlab-ci.yml"
# What stands for one of a matrix's values.
PLACES = ("<< parameters.pair >>", '"$PAIR"')


def read_yaml(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def list_gitlab() -> list[str]:
    """The commands of all jobs; what is no job has no script."""
    blocks = [one for one in read_yaml(PROJECT / GITLAB).values() if isinstance(one, dict)]
    return [line for one in blocks for part in ("before_script", "script") for line in one.get(part, ())]


def list_steps(path: str) -> list[str]:
    """The commands of all jobs whose steps say `run`."""
    steps = [step for job in read_yaml(PROJECT / path)["jobs"].values() for step in job["steps"]]
    return [step["run"] for step in steps if isinstance(step, dict) and "run" in step]


def list_pairs(node: Any) -> list[list[str]]:
    """The lists of pairs of Python and Django in a file's matrices."""
    if isinstance(node, dict):
        own = [value for name, value in node.items() if name == "pair" and isinstance(value, list)]
        return own + [pairs for value in node.values() for pairs in list_pairs(value)]
    if isinstance(node, list):
        return [pairs for one in node for pairs in list_pairs(one)]
    return []


@cache
def list_executed() -> tuple[str, ...]:
    """The commands of the guides' steps, as they are executed."""
    subprocess.run([sys.executable, "-m", "cookbook", "list", "--json"], cwd=REPOSITORY.root, stdout=-3, check=True)
    manifests = [one for one in read_inventory(REPOSITORY.inventory).manifests if one.slug in GUIDES]
    steps = [step for manifest in manifests for step in manifest.steps if step.kind == "run"]
    return tuple(command.text for step in steps for command in parse_session(step.text))


def is_executed(command: str, executed: tuple[str, ...]) -> bool:
    """Say whether a step runs this very command, with variables before it and a filter behind it at most."""
    pattern = re.compile(rf"(\w+=\S+ )*{re.escape(command)}( 2>&1)?( \|.*)?")
    return any(pattern.fullmatch(one) for one in executed)


@pytest.mark.parametrize("path", [CIRCLECI, GITHUB, GITLAB])
def test_every_command_was_run(path: str) -> None:
    commands = list_gitlab() if path == GITLAB else list_steps(path)
    matrices = list_pairs(read_yaml(PROJECT / path))
    assert len(commands) > 4
    for command in commands:
        if not (places := [place for place in PLACES if place in command]):
            assert is_executed(command, list_executed()), f"{path}: no guide runs {command!r}"
        for place in places:
            for pairs in matrices:
                forms = [command.replace(place, pair) for pair in pairs]
                assert any(is_executed(one, list_executed()) for one in forms), f"{path}: no guide runs any of {forms}"


def test_a_command_that_no_guide_runs_is_noticed() -> None:
    executed = list_executed()
    command = list_gitlab()[-1]
    assert is_executed(command, executed)
    assert not is_executed(command + " --fix", executed)
    assert not is_executed(command, tuple(one for one in executed if command not in one))


def test_the_workflow_of_this_repository_calls_what_ci_calls() -> None:
    (job,) = read_yaml(REPOSITORY.root / GITHUB)["jobs"].values()
    commands = [step["run"] for step in job["steps"] if "run" in step]
    called = (REPOSITORY.root / ".ci/run").read_text(encoding="utf-8").splitlines()[-1].removeprefix("exec ")
    assert commands == [f"sudo --preserve-env=CI {called}"]
