"""What CI runs is what the project has: the environments of tox, and the uv of the lock."""

import configparser
import re
from typing import Any

import pytest
import yaml

from tests.containers import read_text
from tests.test_containers import read_uv

FILES = [".circleci/config.yml", ".github/workflows/test.yml", ".gitlab-ci.yml"]


def read_pairs(node: Any) -> list[str]:
    """List every pair of Python and Django that a file's matrices name."""
    if isinstance(node, dict):
        found = [read_pairs(value) for name, value in node.items() if name != "pair"]
        own = node.get("pair")
        return [*(own if isinstance(own, list) else []), *(pair for one in found for pair in one)]
    if isinstance(node, list):
        return [pair for one in node for pair in read_pairs(one)]
    return []


def read_environments() -> list[str]:
    """List the environments that tox runs."""
    parser = configparser.ConfigParser()
    parser.read_string(read_text("tox.ini"))
    return [name.strip() for name in parser["tox"]["env_list"].split(",")]


@pytest.mark.parametrize("name", FILES[:2])
def test_pairs_are_those_of_tox(name: str) -> None:
    pairs = read_pairs(yaml.safe_load(read_text(name)))
    known = read_environments()
    assert pairs
    assert [pair for pair in pairs if pair.removesuffix("-mariadb") not in known] == []


@pytest.mark.parametrize("name", FILES)
def test_uv_is_the_one_of_the_lock(name: str) -> None:
    found = set(re.findall(r"\buv==([\d.]+)", read_text(name)))
    assert found == {read_uv()}
