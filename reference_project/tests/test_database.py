"""The configured database is migrated in full, strict, and fit for any text and many writers."""

import pytest
from django.core.management import call_command
from django.db import connection

pytestmark = pytest.mark.django_db


def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_database_passes_its_checks() -> None:
    call_command("check", databases=["default"], fail_level="WARNING")


def test_each_request_is_one_transaction() -> None:
    assert connection.settings_dict["ATOMIC_REQUESTS"] is True


@pytest.mark.smoke
def test_connection_is_set_up_for_its_vendor() -> None:
    if connection.vendor == "sqlite":
        options = connection.settings_dict["OPTIONS"]
        assert options["transaction_mode"] == "IMMEDIATE"
        assert options["timeout"] >= 20
    elif connection.vendor == "mysql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT @@sql_mode, @@character_set_connection")
            sql_mode, character_set = cursor.fetchone()
        assert "STRICT_" in sql_mode
        assert character_set == "utf8mb4"
        # Said by the settings too: the next server's defaults may be others.
        assert connection.settings_dict["OPTIONS"]["charset"] == "utf8mb4"
        assert "STRICT_" in connection.settings_dict["OPTIONS"]["init_command"]
        assert connection.settings_dict["TEST"]["CHARSET"] == "utf8mb4"
    else:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_encoding")
            assert cursor.fetchone() == ("UTF8",)
