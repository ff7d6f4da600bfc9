"""Staff sees tasks over HTTP; nobody else does, and nobody writes."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.core.models import Task

pytestmark = pytest.mark.django_db
LogIn = Callable[[Any], APIClient]


@pytest.fixture
def staff(make_user: Callable[..., Any], log_in: LogIn) -> APIClient:
    """A client of a staff member."""
    return log_in(make_user(is_staff=True))


def test_others_are_refused(
    client: APIClient, make_user: Callable[..., Any], log_in: LogIn
) -> None:
    response = client.get("/api/v1/tasks/")
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert log_in(make_user()).get("/api/v1/tasks/").status_code == 403
    assert client.get("/api/v1/tasks/1/").status_code == 403


def test_staff_lists_tasks_in_pages(staff: APIClient, django_assert_num_queries: Any) -> None:
    Task.objects.bulk_create(Task(name=f"task {n}", task_ingestor="test") for n in range(60))
    with django_assert_num_queries(4):  # the request's savepoint, count and page
        page = staff.get("/api/v1/tasks/").json()
    assert page["count"] == 60
    assert len(page["results"]) == 50
    assert page["next"].endswith("/api/v1/tasks/?page=2")
    assert set(page["results"][0]) == {"id", "name", "task_ingestor", "datetime", "status"}


def test_staff_reads_one_task(staff: APIClient) -> None:
    task = Task.objects.create(name="resize images", task_ingestor="upload")
    assert staff.get(f"/api/v1/tasks/{task.pk}/").json()["name"] == "resize images"
    response = staff.get("/api/v1/tasks/0/")
    assert response.status_code == 404
    assert response.json()["title"] == "Not Found"


def test_nobody_writes(staff: APIClient) -> None:
    task = Task.objects.create(name="resize images", task_ingestor="upload")
    assert staff.post("/api/v1/tasks/", {}).status_code == 405
    for method in (staff.put, staff.patch, staff.delete):
        assert method(f"/api/v1/tasks/{task.pk}/").status_code == 405
