"""Saves one tracked row many times, and prints how long each save took: grow_history.py SAVES."""

import json
import sys
import time

import django

django.setup()

from benchmarked.models import Tracked  # noqa: E402

row = Tracked.objects.create(title="Plan", text="x" * 200)
times = []
for number in range(int(sys.argv[1])):
    row.number = number + 1
    started = time.perf_counter()
    row.save()
    times.append(time.perf_counter() - started)
print(json.dumps(times))
