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
    with django_assert_num_queries(5):  # the request's savepoint, count, page, the visit
        page = staff.get("/api/v1/tasks/").json()
    assert page["count"] == 60
    assert len(page["results"]) == 50
    assert page["next"].endswith("/api/v1/tasks/?page=2")
    assert not {"arguments", "context", "celery_name"} & set(page["results"][0])


def test_staff_lists_tasks_of_one_status(staff: APIClient) -> None:
    for name in ("one", "two"):
        Task.objects.create(name=name, task_ingestor="test")
    Task.objects.get(name="two").start_processing()
    page = staff.get("/api/v1/tasks/?status=processing").json()
    assert [task["name"] for task in page["results"]] == ["two"]
    response = staff.get("/api/v1/tasks/?status=lost")
    assert response.status_code == 400
    assert "status" in response.json()["errors"]


def test_staff_has_failed_tasks_done_again(
    staff: APIClient, django_capture_on_commit_callbacks: Any
) -> None:
    task = Task.objects.create(name="gone", celery_name="core.sweep_tasks")
    url = f"/api/v1/tasks/{task.pk}/retry/"
    response = staff.post(url)
    assert response.status_code == 409
    assert "only a failed task can become pending" in response.json()["detail"]
    task.start_processing()
    task.fail_processing("the disk is full")
    with django_capture_on_commit_callbacks(execute=True):
        assert staff.post(url).status_code == 202
    task.refresh_from_db()
    assert task.status == "pending" and task.sent_at is not None
    assert staff.post("/api/v1/tasks/0/retry/").status_code == 404


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
