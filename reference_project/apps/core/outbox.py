"""The outbox: work that was committed with its cause is sent to a worker, if need be again.

A broker forgets: it is restarted, or was down just then. The database does not. So the row of a
:class:`~apps.core.models.Task` is written in the caller's transaction, sending it is only a hint to
hurry, and the sweeper sends again what no worker has taken up. A task is delivered at least once,
started once an attempt, and what it does *in the database* happens exactly once, because it is
committed together with the task's completion. A mail is not in the database: it is sent at least
once.
"""

import functools
import logging
import random
from collections.abc import Callable
from typing import Any

from celery import Task as CeleryTask
from celery import current_app, shared_task
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from apps.core.context import read_context
from apps.core.heartbeat import beating
from apps.core.models import IllegalTransition, Task
from apps.core.models.claims import MAX_ATTEMPTS, claim_task
from apps.core.propagation import REQUEST_HEADER, USER_HEADER
from apps.core.redaction import redact_people

logger = logging.getLogger(__name__)

HEADER = "outbox_id"
# Of an error's text only so much is kept.
ERROR_LENGTH = 500
# A deadlock, or a database that fails over: nothing that a task does is at fault.
PASSING: tuple[type[Exception], ...] = (OperationalError, InterfaceError)


def queue_task(task: CeleryTask, *args: Any, ingestor: str, **kwargs: Any) -> Task:
    """Have a Celery task done once the current transaction is committed; never, if it is not.

    :param task: a task that :func:`outbox_task` made.
    :param args: what it is called with: values that JSON knows.
    :param ingestor: who asks for it.
    :param kwargs: likewise, by name.
    :returns: the row that stands for it until it is done.
    """
    context = read_context()
    row = Task.objects.create(
        name=task.name,
        celery_name=task.name,
        task_ingestor=ingestor,
        arguments={"args": list(args), "kwargs": kwargs},
        context={USER_HEADER: context.user_id, REQUEST_HEADER: context.request_id},
        # Nobody sees the row before it is committed, and then it is sent. Noting that only then
        # would cost a transaction more. Should the process die in between, the sweeper sends the
        # task as it does one that the broker has forgotten.
        sent_at=timezone.now(),
    )
    _send_after_commit(row)
    return row


def _send_after_commit(row: Task) -> None:
    # Robust: the row is what counts. While the broker is down the caller's work goes on.
    transaction.on_commit(lambda: send_task(row), robust=True)


def send_task(row: Task, countdown: float | None = None) -> bool:
    """Give a task, whose row says already that it was sent, to the broker.

    It is said before, since afterwards the task may be done, and its row gone.

    :param row: the task.
    :param countdown: in how many seconds a worker is to start it.
    :returns: whether it is settled; if the broker did not take it, the sweeper tries again.
    """
    celery_task = find_celery_task(row.celery_name)
    if celery_task is None:
        # Another try would find none either, and keep the sweeper from the rest.
        error = f"There is no Celery task named {row.celery_name!r}."
        waiting = Task.objects.filter(pk=row.pk, status=Task.TASK_STATUS_PENDING)
        waiting.update(status=Task.TASK_STATUS_FAILED, error=error)
        logger.error("task %s cannot be sent: %s", row.pk, error)
        return True
    args, kwargs = row.arguments.get("args", []), row.arguments.get("kwargs", {})
    options: dict[str, Any] = {"headers": {HEADER: row.pk, **row.context}, "countdown": countdown}
    # By then the sweeper has sent another: without workers they would pile up, all to be started.
    options["expires"] = (countdown or 0) + settings.TASK_RESEND_SECONDS
    try:
        celery_task.apply_async(args, kwargs, **options)
    except Exception:
        logger.exception("task %s (%s) could not be sent; it will be again", row.pk, row.name)
        Task.objects.filter(pk=row.pk).update(sent_at=None)
        return False
    return True


def note_sent(row: Task) -> None:
    """Note that a waiting task is about to be sent.

    :param row: the task.
    """
    waiting = Task.objects.filter(pk=row.pk, status=Task.TASK_STATUS_PENDING)
    waiting.update(sent_at=timezone.now())


def find_celery_task(name: str) -> CeleryTask | None:
    """Find a Celery task, also where nobody has imported its module yet.

    :param name: its name.
    :returns: the task, or ``None`` if there is none.
    """
    if name not in current_app.tasks:
        current_app.loader.import_default_modules()
    return current_app.tasks.get(name)


def retry_task(row: Task) -> None:
    """Let a failed task be done again, and send it.

    :param row: the task.
    :raises apps.core.models.IllegalTransition: when it has not failed.
    """
    with transaction.atomic():
        row.retry()
        note_sent(row)
        _send_after_commit(row)


def outbox_task(
    *,
    name: str,
    retry_for: tuple[type[Exception], ...] = (),
    fail_for: tuple[type[Exception], ...] = (),
    max_attempts: int = MAX_ATTEMPTS,
    **options: Any,
) -> Callable[[Callable[..., Any]], CeleryTask]:
    """Make a Celery task of a function, whose effect in the database happens exactly once.

    Called by :func:`queue_task`, the function and the completion of its
    :class:`~apps.core.models.Task` are one transaction. Called with ``delay``, it is an ordinary
    Celery task.

    :param name: the task's name.
    :param retry_for: errors after which it is tried again: later each time, and never at the same
        moment as others. A database that is away or at a deadlock need not be named.
    :param fail_for: those among them after which it is not, since they will not pass.
    :param max_attempts: how often it is started at most before it counts as failed, whether it met
        such errors or its worker died.
    :param options: as those of ``shared_task``.
    :returns: the decorator.
    """

    def decorate(function: Callable[..., Any]) -> CeleryTask:
        # An attribute of the task: the sweeper counts by it, too.
        @shared_task(name=name, bind=True, max_attempts=max_attempts, **options)
        @functools.wraps(function)
        def run(self: CeleryTask, *args: Any, **kwargs: Any) -> Any:
            pk = read_outbox_id(self)
            if pk is None:
                return function(*args, **kwargs)
            try:
                row = claim_task(Task, pk, name, max_attempts)
            except IllegalTransition:
                return "taken already"
            if row is None:
                return "done already"
            # What the row says, not the message: a database that was set back to an earlier state
            # gives its keys away again, and an old message must not pass for a new task.
            given, named = row.arguments.get("args", []), row.arguments.get("kwargs", {})
            body = functools.partial(function, *given, **named)
            return work_off(row, body, retry_for, max_attempts, fail_for)

        return run

    return decorate


def work_off(
    row: Task,
    body: Callable[[], Any],
    retry_for: tuple[type[Exception], ...] = (),
    max_attempts: int = MAX_ATTEMPTS,
    fail_for: tuple[type[Exception], ...] = (),
) -> Any:
    """Do a task and complete it; or keep why it failed.

    :param row: the task, which this worker has started.
    :param body: what is to be done.
    :param retry_for: errors after which it is given back, besides those of ``PASSING``.
    :param max_attempts: how often it is started at most.
    :param fail_for: those among them after which it has failed.
    :returns: what the body returned; a word when another worker took the task over.
    """
    try:
        with beating(row), transaction.atomic():
            result = body()
            row.complete_processing()
    except IllegalTransition:
        logger.warning("task %s was taken over; what it did is undone", row.pk)
        return "taken over"
    except (*PASSING, *retry_for) as error:
        if row.attempts < max_attempts and not isinstance(error, fail_for):
            return _give_back(row, error)
        return _give_up(row, error)
    except Exception as error:
        return _give_up(row, error)
    return result


def describe_error(error: BaseException) -> str:
    """Describe an error for the record, without the values that its frames hold.

    Staff reads it: a mail server, for one, names whom it refused.

    :param error: the error.
    :returns: its kind and the beginning of its text, without secrets and addresses.
    """
    # Cut twice: a text of any length is soon redacted, and no address is cut in two before that.
    text = f"{type(error).__name__}: {error}"[: 10 * ERROR_LENGTH]
    return redact_people(text)[:ERROR_LENGTH]


def read_outbox_id(task: CeleryTask) -> int | None:
    """Read which row a running Celery task stands for.

    :param task: the task.
    :returns: the row's key, or ``None`` if nobody queued it in the outbox.
    """
    # A worker makes attributes of a message's headers; a task that runs in place has none.
    found = getattr(task.request, HEADER, None)
    return found if found is not None else (task.request.headers or {}).get(HEADER)


def _give_back(row: Task, error: Exception) -> str:
    # Twice as long each time, up to two minutes; a part of it is chance, so that a crowd disperses.
    longest = min(2.0**row.attempts, 120.0)
    seconds = random.uniform(longest / 2, longest)  # noqa: S311 - no secret
    row.postpone(seconds, describe_error(error))
    logger.warning("task %s failed and is tried again in %.0f s", row.pk, seconds, exc_info=error)
    # Run in place, it would not wait: the sweeper takes it up when it is due.
    if not settings.CELERY_TASK_ALWAYS_EAGER:
        note_sent(row)
        send_task(row, countdown=seconds)
    return "tried again later"


def _give_up(row: Task, error: Exception) -> str:
    logger.error("task %s (%s) failed", row.pk, row.name, exc_info=error)
    row.fail_processing(describe_error(error))
    return "failed"
