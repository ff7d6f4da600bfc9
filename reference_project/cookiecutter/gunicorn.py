"""Configures gunicorn: ``gunicorn --config=python:cookiecutter.gunicorn cookiecutter.wsgi``.

It says nothing of users, files and certificates: those belong to what starts it, be it systemd or
Docker.
"""

import os
import shutil
import tempfile
from typing import Any

from cookiecutter.settings.environment import prefer, read_int, read_text
from cookiecutter.settings.logs import read_logging
from cookiecutter.settings.monitoring import read_metrics
from cookiecutter.settings.processes import count_workers, read_caches

prefer(LOG_FORMAT="json")

# Nobody but this machine, where a proxy ends TLS; a container says 0.0.0.0:8000.
bind = read_text("GUNICORN_BIND", "127.0.0.1:8000")
# From these addresses, X-Forwarded-Proto is believed by gunicorn itself.
forwarded_allow_ips = read_text("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")

# Each thread holds a connection to the database: workers times threads at most.
workers = count_workers(read_caches())
worker_class = "gthread"
threads = read_int("GUNICORN_THREADS", 4)

# A worker whose heart stops for so long is killed; one that is to stop may finish its requests.
timeout = read_int("GUNICORN_TIMEOUT", 60)
graceful_timeout = read_int("GUNICORN_GRACEFUL_TIMEOUT", 30)
# Longer than proxies keep an idle connection for the next request, or they meet one just closed.
keepalive = read_int("GUNICORN_KEEPALIVE", 75)
# A worker is replaced after so many requests, before what it leaks is felt; not all at once.
max_requests = read_int("GUNICORN_MAX_REQUESTS", 2000)
max_requests_jitter = max_requests // 10
# The heartbeat is a file, and a disk that hangs would stop it. Each is made anew, for its owner.
_shared = "/dev/shm"  # noqa: S108  # nosec B108
worker_tmp_dir = _shared if os.path.isdir(_shared) else None
# Another way in, which nothing here uses.
control_socket_disable = True

# Both logs go where all others go, in the same form.
errorlog = None
accesslog = None
logger_class = "apps.core.access.AccessLogger"
logconfig_dict = read_logging()
logconfig_dict["loggers"] |= {
    name: {"level": "INFO", "handlers": [], "propagate": True}
    for name in ("gunicorn.error", "gunicorn.access")
}
# Django leaves it to the server to drop the body of an answer to HEAD, which is no news.
logconfig_dict["loggers"]["gunicorn.http.wsgi"] = {"level": "ERROR"}

_metrics_folder = ""
if (_metrics := read_metrics()).enabled and not _metrics.folder:
    # Where workers add up what they count; it must be known before anyone imports the client.
    _metrics_folder = tempfile.mkdtemp(prefix="cookiecutter-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _metrics_folder


def child_exit(server: Any, worker: Any) -> None:
    """Forget the momentary values of a worker that ended; its counts stay.

    :param server: gunicorn's arbiter.
    :param worker: the worker.
    """
    if _metrics.enabled:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    """Remove what was made for this run only.

    :param server: gunicorn's arbiter.
    """
    if _metrics_folder:
        shutil.rmtree(_metrics_folder, ignore_errors=True)
