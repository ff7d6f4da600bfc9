"""What all tests share: people, clients, and the line that says which database was used."""

import gc
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from rest_framework.test import APIClient

from apps.accounts.models import CustomUser
from apps.accounts.tests.factories import UserFactory

_DATABASE = pytest.StashKey[str]()


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    # Throttles and notices count here, and would count from one test into the next.
    cache.clear()


@pytest.fixture
def make_user(db: None) -> Callable[..., CustomUser]:
    """Make verified users; every value can be given."""

    def make(email: str = "ada@example.org", **fields: object) -> CustomUser:
        return UserFactory(email=email, **fields)

    return make


@pytest.fixture
def client() -> APIClient:
    """A client nobody is logged in to; it answers errors instead of raising them."""
    return APIClient(raise_request_exception=False)


@pytest.fixture
def log_in(client: APIClient) -> Callable[[CustomUser], APIClient]:
    """Log a user in to the client, as the API would after checking a token."""

    def log_in(user: CustomUser) -> APIClient:
        client.force_authenticate(user)
        return client

    return log_in


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: object
) -> None:
    """Make the test database, and note what it is for the line at the end."""
    with django_db_blocker.unblock():
        request.config.stash[_DATABASE] = describe_database()


def describe_database() -> str:
    """Name the vendor and version of the connected database.

    :returns: for example ``postgresql 18.6``.
    """
    connection.ensure_connection()
    vendor = "mariadb" if getattr(connection, "mysql_is_mariadb", False) else connection.vendor
    return f"{vendor} {'.'.join(map(str, connection.get_database_version()))}"


def pytest_collection_finish() -> None:
    """Spare the garbage collector what was imported: it stays until the end anyway."""
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Add one line, from the tests' own connection, to what the run prints."""
    if line := terminalreporter.config.stash.get(_DATABASE, None):
        terminalreporter.write_line(f"database: {line}")


def pytest_unconfigure() -> None:
    """Remove the files that tests have stored; never a folder that somebody else may use."""
    root = Path(settings.MEDIA_ROOT) if settings.configured else Path()
    if root.parent == Path(tempfile.gettempdir()) and "-test-" in root.name:
        shutil.rmtree(root, ignore_errors=True)
