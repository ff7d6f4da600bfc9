"""Everyone knows who acts: in requests, in tasks, and side by side without mixing up."""

import asyncio
from typing import Any

import pytest
from celery import shared_task
from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory, RequestFactory
from rest_framework.test import APIClient

from apps.core.context import Context, acting_user, read_context, request_context
from apps.core.propagation import forget_context, restore_context, send_context
from tests.tracked.models import Note


@shared_task(name="tests.tell_context")
def tell_context() -> dict[str, Any]:
    """Tell what the task knows."""
    context = read_context()
    return {"user": context.user_id, "request": context.request_id, "task": context.task_id}


@pytest.mark.parametrize(
    ("sent", "kept"), [("edge-7f3a", True), ("a b", False), ("x" * 65, False), ("", False)]
)
def test_request_has_a_name_and_the_answer_bears_it(sent: str, kept: bool) -> None:
    seen = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(read_context().request_id)
        return HttpResponse()

    response = request_context(answer)(RequestFactory().get("/", headers={"X-Request-ID": sent}))
    assert response["X-Request-ID"] == seen[0]
    assert (seen[0] == sent) is kept
    assert read_context() == Context()


def test_requests_side_by_side_do_not_mix() -> None:
    async def answer(request: HttpRequest) -> HttpResponse:
        with acting_user(int(request.GET["user"])):
            await asyncio.sleep(0)
            context = read_context()
        return HttpResponse(f"{context.user_id} {context.request_id}")

    async def ask(number: int) -> str:
        headers = {"X-Request-ID": f"r{number}"}
        request = AsyncRequestFactory().get("/", {"user": number}, headers=headers)
        return (await request_context(answer)(request)).content.decode()

    async def ask_all() -> list[str]:
        return await asyncio.gather(*(ask(number) for number in range(20)))

    assert asyncio.run(ask_all()) == [f"{number} r{number}" for number in range(20)]


@pytest.mark.django_db
def test_user_of_a_token_is_known_to_what_the_view_saves(make_user: Any) -> None:
    user = make_user()
    client = APIClient()
    answer = client.post(
        "/api/v1/accounts/token/", {"email": user.email, "password": "correct horse battery"}
    )
    seen = []
    headers = {"Authorization": f"Bearer {answer.json()['access']}"}

    def note(sender: Any, instance: Note, **_: Any) -> None:
        seen.append(read_context().user_id)

    from django.db.models.signals import post_save

    from apps.accounts.models import CustomUser

    post_save.connect(note, sender=CustomUser)
    try:
        client.patch("/api/v1/accounts/me/", {"first_name": "Ada"}, headers=headers)
    finally:
        post_save.disconnect(note, sender=CustomUser)
    assert seen == [user.pk]


def test_eager_task_acts_for_its_caller() -> None:
    with acting_user(7):
        told = tell_context.apply().get()
        assert read_context().task_id == ""
    assert told["user"] == 7 and told["task"]


def test_message_carries_the_callers_context() -> None:
    headers: dict[str, Any] = {}
    with acting_user(7):
        send_context(headers=headers)

    class Running:
        """A task as a worker runs it: its request holds the message's headers."""

        request = type("Request", (), dict(headers))()

    restore_context(task_id="t-1", task=Running)
    assert read_context() == Context(request_id="", user_id=7, task_id="t-1")
    forget_context(task=Running)
    assert read_context() == Context()
