"""Saves a row of each model again and again, in shuffled order: save_rows.py ROUNDS SAVES."""

import json
import random
import sys
import time

import django

django.setup()

from benchmarked.models import MODELS  # noqa: E402
from django.db import connection  # noqa: E402

rounds, saves = int(sys.argv[1]), int(sys.argv[2])
figures: dict = {name: [] for name in MODELS}
rows = {name: model.objects.create(title="Plan", text="x" * 200) for name, model in MODELS.items()}
for number in range(rounds + 1):
    order = list(MODELS)
    random.Random(number).shuffle(order)
    for name in order:
        row = rows[name]
        started = time.perf_counter()
        for save in range(saves):
            row.number = number * saves + save + 1
            row.save()
        # The first round only warms up.
        if number:
            figures[name].append((time.perf_counter() - started) / saves * 1000)
setting = "fsync" if connection.vendor == "postgresql" else "synchronous"
with connection.cursor() as cursor:
    cursor.execute(f"SHOW {setting}" if setting == "fsync" else f"PRAGMA {setting}")
    figures["said"] = f"{setting}={cursor.fetchone()[0]}"
print(json.dumps(figures))
