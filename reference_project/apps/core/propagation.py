"""Lets a Celery task act for whoever queued it: the context travels in the message's headers."""

from typing import Any

from celery.signals import before_task_publish, task_postrun, task_prerun

from apps.core.context import Context, enter_context, leave_context, read_context

USER_HEADER = "context_user_id"
REQUEST_HEADER = "context_request_id"
TOKEN = "context_token"  # noqa: S105 - the name of an attribute


def send_context(headers: dict[str, Any] | None = None, **_: Any) -> None:
    """Write the caller's context into the headers of a message that is about to be sent.

    :param headers: the message's headers, which are changed.
    """
    if headers is not None:
        context = read_context()
        headers.setdefault(USER_HEADER, context.user_id)
        headers.setdefault(REQUEST_HEADER, context.request_id)


def restore_context(task_id: str = "", task: Any = None, **_: Any) -> None:
    """Put a task's context in force: that of its message, else that of the code which calls it.

    :param task_id: Celery's name of this run.
    :param task: the task.
    """
    here = read_context()
    sent = hasattr(task.request, REQUEST_HEADER)
    context = Context(
        request_id=getattr(task.request, REQUEST_HEADER, "") if sent else here.request_id,
        user_id=getattr(task.request, USER_HEADER, None) if sent else here.user_id,
        task_id=task_id or "",
    )
    setattr(task.request, TOKEN, enter_context(context))


def forget_context(task: Any = None, **_: Any) -> None:
    """Restore the context that was in force before a task.

    :param task: the task.
    """
    token = getattr(task.request, TOKEN, None)
    if token is not None:
        setattr(task.request, TOKEN, None)
        leave_context(token)


def connect() -> None:
    """Connect these functions to Celery's signals; a second call changes nothing."""
    before_task_publish.connect(send_context, dispatch_uid="apps.core.propagation")
    task_prerun.connect(restore_context, dispatch_uid="apps.core.propagation")
    task_postrun.connect(forget_context, dispatch_uid="apps.core.propagation")
