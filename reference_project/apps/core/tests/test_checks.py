"""A MariaDB database that cannot hold every name is reported before its tables are made."""

from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

from apps.core import checks


def connect(vendor: str, character_set: str) -> SimpleNamespace:
    """Make up a connection."""
    cursor = MagicMock()
    cursor.return_value.__enter__.return_value.fetchone.return_value = (character_set,)
    return SimpleNamespace(vendor=vendor, cursor=cursor, settings_dict={"NAME": "shop"})


@pytest.mark.parametrize(
    ("vendor", "character_set", "ids"),
    [
        ("mysql", "latin1", ["core.E001"]),
        ("mysql", "utf8mb4", []),
        ("postgresql", "latin1", []),
    ],
)
def test_only_narrow_mariadb_databases_are_reported(
    monkeypatch: pytest.MonkeyPatch, vendor: str, character_set: str, ids: list[str]
) -> None:
    connections: dict[str, Any] = {"default": connect(vendor, character_set)}
    monkeypatch.setattr(checks, "connections", connections)
    found = checks.check_character_set(["default"])
    assert [error.id for error in found] == ids
    assert not checks.check_character_set(None)
    if ids:
        assert "ALTER DATABASE `shop` CHARACTER SET utf8mb4" in found[0].hint
