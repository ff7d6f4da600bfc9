"""No list asks the database more often because it is longer, and none reads histories."""

import re
from collections.abc import Callable
from importlib import import_module, util
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

Fill = Callable[[Any, int], None]


def find_lists() -> dict[str, Fill]:
    """Find how each list is filled, app by app.

    :returns: by path; apps say it in ``tests/lists.py``.
    """
    found: dict[str, Fill] = {}
    for config in apps.get_app_configs():
        name = f"{config.name}.tests.lists"
        has_tests = config.name.startswith("apps.") and util.find_spec(f"{config.name}.tests")
        if has_tests and util.find_spec(name):
            found |= import_module(name).LISTS
    return found


LISTS = find_lists()


def find_histories(statements: list[str]) -> list[str]:
    """Find the statements that read the column ``history``, however the database quotes it."""
    return [sql for sql in statements if re.search(r"""\.["`]history["`]""", sql)]


def test_every_list_of_the_api_is_known() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    pages = set()
    for path, operations in schema["paths"].items():
        answer = operations.get("get", {}).get("responses", {}).get("200", {})
        kind = next(iter(answer.get("content", {}).values()), {}).get("schema", {})
        if "Paginated" in kind.get("$ref", ""):
            pages.add(path)
    known = {re.sub(r"/\d+/", "/{id}/", path) for path in LISTS}
    assert pages == known, "Say in the app's tests/lists.py how a list is filled."


@pytest.mark.django_db
@pytest.mark.parametrize("path", LISTS)
def test_queries_do_not_grow(path: str, make_user: Any, client: APIClient) -> None:
    user = make_user(is_staff=True)
    client.force_authenticate(user)
    counts, lengths = [], []
    for number in (2, 10):
        LISTS[path](user, number)
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            response = client.get(path)
        assert response.status_code == 200
        counts.append(len(queries))
        lengths.append(response.json()["count"])
        read = [one["sql"] for one in queries.captured_queries if one["sql"].startswith("SELECT")]
        assert path.endswith("/history/") or not find_histories(read), read
    assert lengths[1] - lengths[0] >= 8
    assert counts[0] == counts[1]
