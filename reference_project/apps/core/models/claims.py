"""The first and the last statement of every task: a worker takes up its row, and deletes it.

They are written by hand. They differ in nothing but their parameters, and to compose them anew for
each task took Django several times as long as the database takes to run them.
"""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connections, router
from django.db.models.signals import post_delete, pre_delete
from django.utils import timezone

logger = logging.getLogger(__name__)

# How often a task is started at most, unless its own definition says otherwise.
MAX_ATTEMPTS = 6
ABANDONED = (
    "Its worker was lost at attempt {attempts}, the last one: killed, out of memory, or stopped at "
    "the time limit."
)
CLAIM = """
UPDATE {table} SET {status} = %s, {started_at} = %s, {lease_until} = %s, {attempts} = {attempts} + 1
WHERE {id} = %s AND {celery_name} = %s
AND ({status} = %s OR ({status} = %s AND {lease_until} < %s AND {attempts} < %s)) RETURNING *
"""
DELETE = "DELETE FROM {table} WHERE {id} = %s AND {attempts} = %s AND {status} = %s"
COLUMNS = ("id", "status", "started_at", "lease_until", "attempts", "celery_name")


def claim_task(model: Any, pk: int, celery_name: str, max_attempts: int = MAX_ATTEMPTS) -> Any:
    """Take a task up by its key, as ``start_processing`` does with one that was read before.

    :param model: the task's model.
    :param pk: its row's key.
    :param celery_name: what the row must say that is to be done.
    :param max_attempts: how often it is started at most while its workers die of it.
    :returns: the task, as its row says; ``None`` when there is no such row.
    :raises apps.core.models.IllegalTransition: when another worker has it, or too many have died.
    """
    using = router.db_for_write(model)
    connection = connections[using]
    # MariaDB and MySQL return nothing of what they update, nor does SQLite before 3.35.
    if connection.vendor != "mysql" and connection.features.can_return_columns_from_insert:
        now = timezone.now()
        until = now + timedelta(seconds=settings.TASK_LEASE_SECONDS)
        begun, over = map(connection.ops.adapt_datetimefield_value, (now, until))
        pending, processing = model.TASK_STATUS_PENDING, model.TASK_STATUS_PROCESSING
        values = [processing, begun, over, pk, celery_name, pending, processing, begun]
        values.append(max_attempts)
        for row in model.objects.using(using).raw(write_statement(CLAIM, model, using), values):
            return row
    # It cannot be had in one statement, or not at all; then this tells why.
    row = model.objects.using(using).filter(pk=pk, celery_name=celery_name).first()
    if row is not None:
        if row.status == model.TASK_STATUS_PROCESSING:
            fail_abandoned(model.objects.using(using).filter(pk=pk), max_attempts)
        row.start_processing()
    return row


def fail_abandoned(rows: Any, max_attempts: int) -> int:
    """Give up those tasks whose worker died at the last attempt they had.

    Whatever kills its worker raises no error that anyone could count, so this is what ends it.

    :param rows: the tasks in question, as a queryset.
    :param max_attempts: how often they are started at most.
    :returns: how many were given up.
    """
    last = rows.filter(
        status=rows.model.TASK_STATUS_PROCESSING,
        lease_until__lt=timezone.now(),
        attempts__gte=max_attempts,
    )
    given_up = 0
    for pk, attempts in last.order_by("pk").values_list("pk", "attempts"):
        error = ABANDONED.format(attempts=attempts)
        if last.filter(pk=pk).update(status=rows.model.TASK_STATUS_FAILED, error=error):
            logger.error("task %s failed: %s", pk, error)
            given_up += 1
    return given_up


def delete_claimed(row: Any) -> bool:
    """Delete the row of a task, if it is this worker's still.

    :param row: the task; no other table points at its row.
    :returns: whether it was.
    """
    model, status = type(row), row.TASK_STATUS_PROCESSING
    using = row._state.db or router.db_for_write(model, instance=row)
    if pre_delete.has_listeners(model) or post_delete.has_listeners(model):
        return bool(row._find_own().filter(status=status).delete()[0])
    with connections[using].cursor() as cursor:
        values = [row.pk, row.attempts, status]
        cursor.execute(write_statement(DELETE, model, using), values)
        return bool(cursor.rowcount)


def write_statement(statement: str, model: Any, using: str) -> str:
    """Put the names of a model's table and columns into a statement.

    :param statement: the statement.
    :param model: the model.
    :param using: the database.
    :returns: the statement, with its names quoted.
    """
    meta, quote = model._meta, connections[using].ops.quote_name
    columns = {name: meta.pk if name == "id" else meta.get_field(name) for name in COLUMNS}
    names = {name: quote(field.column) for name, field in columns.items()}
    return statement.format(table=quote(meta.db_table), **names)
