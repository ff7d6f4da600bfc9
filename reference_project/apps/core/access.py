"""Writes gunicorn's access log with the other logs, in their form and without the query."""

from datetime import timedelta
from typing import Any

from gunicorn.glogging import Logger


class AccessLogger(Logger):
    """Gunicorn's logger, whose lines about requests have members that programs can read."""

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Log that a request was answered.

        :param resp: gunicorn's answer.
        :param req: gunicorn's request.
        :param environ: the request as WSGI knows it.
        :param request_time: how long the answer took.
        """
        if not self.access_log_enabled:
            return
        # As it was sent: still escaped, so that it cannot begin a line of its own.
        path = str(environ.get("RAW_URI", "")).partition("?")[0]
        status = int(str(resp.status).split(maxsplit=1)[0])
        headers = {str(name).lower(): value for name, value in resp.headers}
        self.access_log.info(
            "%s %s %s",
            environ.get("REQUEST_METHOD", "-"),
            path,
            status,
            extra={
                "method": environ.get("REQUEST_METHOD"),
                "path": path,
                "status": status,
                "bytes": getattr(resp, "sent", None),
                "milliseconds": round(request_time.total_seconds() * 1000, 1),
                "address": environ.get("REMOTE_ADDR"),
                "agent": environ.get("HTTP_USER_AGENT"),
                "request_id": headers.get("x-request-id"),
            },
        )
