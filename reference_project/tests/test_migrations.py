"""The migrations say all that the models do."""

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_database_passes_its_checks() -> None:
    call_command("check", databases=["default"], fail_level="WARNING")
