"""Reads what operators see of a running process: logs, metrics, errors at Sentry."""

from dataclasses import dataclass, field

from cookiecutter.settings.environment import read_bool, read_float, read_list, read_text
from cookiecutter.settings.logs import read_logging

__all__ = ["Metrics", "Sentry", "read_logging", "read_metrics", "read_sentry"]


@dataclass(frozen=True)
class Metrics:
    """How Prometheus is served.

    :param enabled: whether anything is counted.
    :param token: who sends it as a bearer token may read; empty for nobody.
    :param networks: who asks from these networks, without a proxy between, may read.
    :param worker_address: ``host:port`` on which a Celery worker answers; empty for none.
    :param folder: where processes that are read together add up what they count.
    """

    enabled: bool
    token: str = field(repr=False)
    networks: tuple[str, ...]
    worker_address: str
    folder: str


@dataclass(frozen=True)
class Sentry:
    """How errors are reported to Sentry.

    :param dsn: the address to report to; empty for none.
    :param environment: the name under which Sentry files what this process reports.
    :param release: the version of the code.
    :param traces_sample_rate: the share of requests and tasks that are timed, from 0 to 1.
    """

    dsn: str
    environment: str
    release: str
    traces_sample_rate: float


def read_metrics() -> Metrics:
    """Read the settings of Prometheus.

    :returns: the settings; off unless the environment says otherwise.
    """
    return Metrics(
        enabled=read_bool("PROMETHEUS"),
        token=read_text("METRICS_TOKEN"),
        networks=("127.0.0.0/8", "::1/128", *read_list("METRICS_NETWORKS")),
        worker_address=read_text("METRICS_WORKER_ADDRESS"),
        folder=read_text("PROMETHEUS_MULTIPROC_DIR"),
    )


def read_sentry() -> Sentry:
    """Read the settings of Sentry.

    :returns: the settings; without an address nothing is reported.
    :raises ValueError: when the share of traces is no number from 0 to 1.
    """
    rate = read_float("SENTRY_TRACES_SAMPLE_RATE", 0.0)
    if not 0 <= rate <= 1:
        raise ValueError(f"SENTRY_TRACES_SAMPLE_RATE must lie between 0 and 1, not {rate}.")
    return Sentry(
        dsn=read_text("SENTRY_DSN"),
        environment=read_text("SENTRY_ENVIRONMENT", "production"),
        release=read_text("SENTRY_RELEASE"),
        traces_sample_rate=rate,
    )
