"""Deletes what was to be remembered for a time only: visits, logins, used codes, tokens."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from apps.accounts.models import (
    OTP,
    ExtraData,
    LoginAttemptsHistory,
    LoginHistoryTrail,
    UserVisitHistory,
)

BATCH = 1000
# The tries of a day are counted, those of codes that expired on it too.
CODE_DAYS = 2


def forget_activity() -> dict[str, int]:
    """Delete what is older than ``VISIT_HISTORY_DAYS``, ``LOGIN_HISTORY_DAYS``, or a code's use.

    It deletes a thousand rows at a time, so that nobody waits long for any of them. A run that is
    stopped is carried on by the next.

    :returns: how many rows of each model are gone; 0 days mean that nothing is forgotten.
    """
    logins, visits = settings.LOGIN_HISTORY_DAYS, settings.VISIT_HISTORY_DAYS
    return {
        model.__name__: delete_older(model, field, days)
        for model, field, days in (
            (UserVisitHistory, "timestamp", visits),
            (LoginAttemptsHistory, "timestamp", logins),
            (LoginHistoryTrail, "timestamp", logins),
            (ExtraData, "timestamp", logins),
            (OTP, "created_at", CODE_DAYS),
            (OutstandingToken, "expires_at", CODE_DAYS),
        )
    }


def delete_older(model: type[models.Model], field: str, days: int) -> int:
    """Delete the rows of a model from before so many days.

    :param model: the model.
    :param field: when a row was made.
    :param days: for how many days rows stay; 0 for ever.
    :returns: how many are gone.
    """
    if days <= 0:
        return 0
    rows = model._default_manager.filter(**{f"{field}__lt": timezone.now() - timedelta(days=days)})
    gone = 0
    # The keys first: MariaDB deletes from no limited selection of the same table.
    while keys := list(rows.order_by(field).values_list("pk", flat=True)[:BATCH]):
        gone += model._default_manager.filter(pk__in=keys).delete()[0]
    return gone
