"""Sends tasks, waits until all are done, and prints the seconds: send_tasks.py bare|outbox COUNT."""

import sys
import time

import django

django.setup()

import redis  # noqa: E402
from apps.core.models import Task  # noqa: E402
from apps.core.outbox import queue_task  # noqa: E402
from benchmarked import tasks  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import transaction  # noqa: E402

kind, count = sys.argv[1], int(sys.argv[2])
broker = redis.Redis.from_url(settings.CELERY_BROKER_URL)
started = time.perf_counter()
for _ in range(count):
    if kind == "bare":
        tasks.bare.delay()
    else:
        with transaction.atomic():
            queue_task(tasks.outbox, ingestor="bench")
while broker.llen("default") or broker.hlen("unacked") or Task.objects.exists():
    time.sleep(0.01)
    assert time.perf_counter() - started < 240, "not done within 240 seconds"
print(time.perf_counter() - started)
