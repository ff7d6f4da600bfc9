"""Reports errors to Sentry, where an address is configured, without personal data."""

from typing import Any

from django.conf import settings

from apps.core.redaction import redact_people, redact_value

# What of a request is reported; cookies, query, body and the visitor's address are not.
REQUEST_MEMBERS = {"method", "url"}
HEADERS = {"accept", "content-length", "content-type", "host", "user-agent", "x-request-id"}


def start_sentry() -> None:
    """Start to report; only called where ``SENTRY_DSN`` is set.

    The name of the machine, of the view and the stack are reported, and the user's number.
    Nothing else says who made the request.
    """
    # Imported here: it is big, and nobody else needs it.
    import sentry_sdk

    sentry = settings.SENTRY
    sentry_sdk.init(
        dsn=sentry.dsn,
        environment=sentry.environment,
        release=sentry.release or None,
        traces_sample_rate=sentry.traces_sample_rate,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=scrub,
        before_send_transaction=scrub,
        before_breadcrumb=scrub_breadcrumb,
    )


def scrub(event: Any, _hint: dict[str, Any]) -> Any:
    """Remove from an event what is secret, and what says who somebody is.

    :param event: the event as Sentry describes it.
    :param _hint: what it was made from.
    :returns: the event that is sent.

    .. testcode::

        from apps.core.sentry import scrub

        event = {
            "message": "no mail for ada@example.org",
            "request": {"method": "GET", "url": "http://a/", "query_string": "q=ada"},
            "user": {"id": "7", "ip_address": "192.0.2.7"},
        }
        for member, value in scrub(event, {}).items():
            print(f"{member}: {value}")

    .. testoutput::

        message: no mail for [e-mail address]
        request: {'method': 'GET', 'url': 'http://a/'}
        user: {'id': '7'}
    """
    if request := event.get("request"):
        headers = request.get("headers") or {}
        event["request"] = {
            name: value for name, value in request.items() if name in REQUEST_MEMBERS
        }
        if kept := {name: value for name, value in headers.items() if name.lower() in HEADERS}:
            event["request"]["headers"] = kept
    if user := event.get("user"):
        event["user"] = {"id": user["id"]} if user.get("id") else {}
    # The names of Sentry's own members are no secrets; their contents may hold some.
    return {
        name: value
        if name in ("sdk", "modules", "contexts", "release", "event_id")
        else redact_value(value, redact_people)
        for name, value in event.items()
    }


def scrub_breadcrumb(crumb: dict[str, Any], _hint: dict[str, Any]) -> dict[str, Any]:
    """Remove the same from what happened before an event.

    :param crumb: the breadcrumb.
    :param _hint: what it was made from.
    :returns: the breadcrumb that is kept.
    """
    crumb.pop("data", None)
    return {name: redact_value(value, redact_people) for name, value in crumb.items()}
