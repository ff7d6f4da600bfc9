"""Processes that serve the same visitors share a cache, or there is one process only."""

import pytest

from apps.core.checks import check_shared_cache, check_worker_metrics
from cookiecutter.settings.monitoring import Metrics
from cookiecutter.settings.processes import count_workers, read_caches

REDIS = "redis://:s3cret@cache:6379/2"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CACHE_URL", "REDIS_URL", "WEB_CONCURRENCY"):
        monkeypatch.setenv(name, "")


def test_without_an_address_each_process_has_its_own_and_there_is_one() -> None:
    caches = read_caches()
    assert caches["default"]["BACKEND"].endswith("LocMemCache")
    assert count_workers(caches) == 1


@pytest.mark.parametrize("name", ["CACHE_URL", "REDIS_URL"])
def test_with_an_address_processes_share_it(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, REDIS)
    caches = read_caches()
    assert caches["default"]["BACKEND"] == "django.core.cache.backends.redis.RedisCache"
    assert caches["default"]["LOCATION"] == REDIS
    # Django hands these to the client as they are: one it does not know would fail here.
    from django.core.cache.backends.redis import RedisCache

    cache = RedisCache(REDIS, {**caches["default"]})
    pool = cache._cache._get_connection_pool(write=True)
    assert pool.connection_kwargs["socket_timeout"] == 2
    assert pool.connection_kwargs["host"] == "cache"
    assert count_workers(caches) >= 2


def test_address_of_the_cache_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHE_URL", REDIS)
    monkeypatch.setenv("REDIS_URL", "redis://other:6379/0")
    assert read_caches()["default"]["LOCATION"] == REDIS


def test_address_that_is_none_is_refused_without_being_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CACHE_URL", "memcached://:s3cret@cache")
    with pytest.raises(ValueError, match="CACHE_URL must begin with one of redis://") as refused:
        read_caches()
    assert "s3cret" not in str(refused.value)


def test_number_of_processes_can_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "5")
    assert count_workers(read_caches()) == 5


@pytest.mark.parametrize(
    ("debug", "workers", "url", "ids"),
    [
        (False, 3, "", ["core.W001"]),
        (False, 1, "", []),
        (False, 3, REDIS, []),
        (True, 3, "", []),
    ],
)
def test_separate_counts_are_reported(
    settings: object,
    monkeypatch: pytest.MonkeyPatch,
    debug: bool,
    workers: int,
    url: str,
    ids: list[str],
) -> None:
    monkeypatch.setenv("CACHE_URL", url)
    settings.DEBUG, settings.WEB_CONCURRENCY = debug, workers  # type: ignore[attr-defined]
    settings.CACHES = read_caches()  # type: ignore[attr-defined]
    assert [found.id for found in check_shared_cache()] == ids


@pytest.mark.parametrize(
    ("enabled", "address", "folder", "ids"),
    [
        (True, "127.0.0.1:9808", "", ["core.E002"]),
        (True, "127.0.0.1:9808", "/tmp/metrics", []),  # noqa: S108
        (True, "", "", []),
        (False, "127.0.0.1:9808", "", []),
    ],
)
def test_worker_that_would_serve_nothing_is_reported(
    settings: object, enabled: bool, address: str, folder: str, ids: list[str]
) -> None:
    settings.METRICS = Metrics(enabled, "", (), address, folder)  # type: ignore[attr-defined]
    assert [found.id for found in check_worker_metrics()] == ids
