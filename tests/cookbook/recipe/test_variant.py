"""Variants: all combinations while they are few, then all pairs."""

import itertools
from pathlib import Path

import pytest

from cookbook.recipe.variant import MOST_COMBINATIONS, combine, describe, fits, parse_choice, read_families


def test_page_without_tabs_has_one_variant() -> None:
    assert combine({}) == [{}]


def test_few_combinations_are_all_run() -> None:
    assert combine({"database": ["A", "B"], "broker": ["C", "D"]}) == [
        {"database": "A", "broker": "C"},
        {"database": "A", "broker": "D"},
        {"database": "B", "broker": "C"},
        {"database": "B", "broker": "D"},
    ]


def test_many_combinations_run_every_pair() -> None:
    families = {name: [f"{name}{number}" for number in range(3)] for name in "abcd"}
    variants = combine(families)
    assert MOST_COMBINATIONS < len(variants) < 3**4
    for one, two in itertools.combinations(families, 2):
        for pair in itertools.product(families[one], families[two]):
            assert any((variant[one], variant[two]) == pair for variant in variants), pair


def test_choices_as_the_command_line_spells_them() -> None:
    choice = parse_choice("database=MariaDB, broker=Redis")
    assert choice == {"database": "MariaDB", "broker": "Redis"}
    assert describe(choice) == "database=MariaDB,broker=Redis"
    assert fits({"database": "mariadb"}, choice)
    assert not fits({"database": "SQLite"}, choice)
    assert not fits({"storage": "S3"}, choice)


@pytest.mark.parametrize("text", ["MariaDB", "=MariaDB", "database="])
def test_what_is_no_choice(text: str) -> None:
    with pytest.raises(ValueError, match="family=label"):
        parse_choice(text)


def test_choice_may_add_to_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "tabs.toml"
    path.write_text('[storage]\nAWS = { needs = ["s3"], environment = { URL = "http://a" } }\nLocal = []\n')
    families = read_families(path)
    assert families.needs == {"storage": {"AWS": ["s3"], "Local": []}}
    assert families.environment_of({"storage": "AWS"}) == {"URL": "http://a"}
    assert families.environment_of({"storage": "Local"}) == {}
