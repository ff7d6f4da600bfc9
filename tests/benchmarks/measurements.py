"""What is measured: saves, growing histories, requests, tasks, recipes."""

import json
import random
import statistics
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.reliability.machine import Machine, wait_for

from .place import REPOSITORY, make_place
from .replay import choose_replayed, time_engine, time_shell

SAVES = 60
GROWTH_SAVES = 10_050
SECONDS = 3
TASKS = 600
# Threads of the site, and clients that ask it; processes of the worker.
WIDTH = 4
WORKERS = 2
# A round of recipes takes minutes.
RECIPE_ROUNDS = 1


def summarise(figures: dict[str, list[float]], base: str) -> dict[str, dict[str, float]]:
    """Summarise rounds in which everything was measured side by side.

    :param figures: by row, one figure a round.
    :param base: the row that the others are compared with.
    :returns: by row, ``min``, ``median`` and ``max``, and the median of the rounds' ratios to the base.
    """
    return {
        row: {
            "min": min(rounds),
            "median": statistics.median(rounds),
            "max": max(rounds),
            "ratio": statistics.median(one / other for one, other in zip(rounds, figures[base], strict=True)),
        }
        for row, rounds in figures.items()
    }


def measure_saves(project: Path, rounds: int) -> dict[str, Any]:
    """Measure a save of a changed row, by each way of keeping its history."""
    cases = {}
    for database in ("postgresql", "sqlite"):
        for durable in (True, False):
            with make_place(project, database, durable=durable) as place:
                printed = place.run("save_rows.py", str(rounds), str(SAVES), seconds=900)
                figures = json.loads(printed)
                case = f"{database}, {'durable' if durable else 'not durable'} ({figures.pop('said')})"
                cases[case] = summarise(figures, "plain")
    aim = "aim: at most 1.5 x plain when durable, ahead of the libraries in both"
    return {"unit": "milliseconds a save", "aim": aim, "base": "plain", "cases": cases}


def measure_growth(project: Path, rounds: int) -> dict[str, Any]:
    """Measure whether a save grows slower with the number of saves before it."""
    cases = {}
    for database in ("postgresql", "sqlite"):
        with make_place(project, database) as place:
            times = json.loads(place.run("grow_history.py", str(GROWTH_SAVES), seconds=900))
        early, late = times[20:120], times[-100:]
        cases[f"{database}, not durable"] = summarise(
            {"20th to 120th": [statistics.mean(early) * 1000], "the last 100": [statistics.mean(late) * 1000]},
            "20th to 120th",
        )
    unit = f"milliseconds a save, of {GROWTH_SAVES} of one row, mean of 100"
    return {"unit": unit, "aim": "aim: at most 2 x", "base": "20th to 120th", "cases": cases}


def measure_requests(project: Path, rounds: int) -> dict[str, Any]:
    """Measure requests of ``accounts/me/``: in the project, and of the same view bare in DRF."""
    limits = {f"THROTTLE_{name}": "1000000000/min" for name in ("ANON", "USER", "TOKEN")}
    processes = {"WEB_CONCURRENCY": "1", "GUNICORN_THREADS": str(WIDTH), "ACCESS_TOKEN_MINUTES": "600"}
    figures: dict[str, list[float]] = {"bare": [], "project": []}
    with make_place(project, "postgresql", **limits, **processes) as place:
        place.run("manage.py", "seed_demo", "--force", "--password", "correct horse battery")
        addresses = {"project": "127.0.0.1:8000", "bare": "127.0.0.1:8001"}
        for name, address in addresses.items():
            settings = "bench_settings" if name == "project" else "bench_bare"
            command = ["-m", "gunicorn", "--config=python:cookiecutter.gunicorn", "--access-logfile=/dev/null"]
            variables = {"GUNICORN_BIND": address, "DJANGO_SETTINGS_MODULE": settings}
            place.spawn(*command, "cookiecutter.wsgi", **variables)
            probe = ["send_requests.py", address, "0", "1"]
            wait_for(lambda probe=probe: "200" in place.run(*probe), 30, place.logs)  # type: ignore[misc]
        for number in range(rounds):
            for name in shuffle(addresses, number):
                told = json.loads(place.run("send_requests.py", addresses[name], str(SECONDS), str(WIDTH)))
                assert set(told["statuses"]) == {"200"}, told
                figures[name].append(told["statuses"]["200"] / told["seconds"])
        visits = int(place.ask("__import__('apps.accounts.models').accounts.models.UserVisitHistory.objects.count()"))
    assert visits > 0, "no visit was recorded"
    aim = f"aim: at least 0.7 x; {visits} visits were recorded"
    return {
        "unit": "requests a second",
        "aim": aim,
        "base": "bare",
        "cases": {"postgresql": summarise(figures, "bare")},
    }


def measure_tasks(project: Path, rounds: int) -> dict[str, Any]:
    """Measure tasks of the outbox, and no-ops of Celery alone, from the first sent to the last done."""
    figures: dict[str, list[float]] = {"bare": [], "outbox": []}
    with make_place(project, "postgresql", "redis") as place:
        place.start_worker("--concurrency", str(WORKERS))
        send(place, "bare", 20)
        for number in range(rounds):
            for name in shuffle(figures, number):
                figures[name].append(TASKS / send(place, name, TASKS))
    cases = {f"postgresql and Redis, {WORKERS} worker processes": summarise(figures, "bare")}
    return {"unit": "tasks a second", "aim": "aim: at least 0.7 x", "base": "bare", "cases": cases}


def measure_recipes(_project: Path, rounds: int) -> dict[str, Any]:
    """Measure verifying recipes, and running the same commands by a plain shell script.

    Both act in a workspace that the engine has made, which counts for neither.
    """
    figures: dict[str, list[float]] = {"script": [], "verify": []}
    # A script cannot tell that a step's tests still hold: both run every check.
    repository = replace(REPOSITORY, checks=tuple(replace(check, step=None) for check in REPOSITORY.checks))
    manifests = choose_replayed(repository)
    for number in range(min(rounds, RECIPE_ROUNDS)):
        totals = dict.fromkeys(figures, 0.0)
        for manifest in manifests:
            for name in shuffle(figures, number):
                totals[name] += (time_shell if name == "script" else time_engine)(repository, manifest)
        for name, seconds in totals.items():
            figures[name].append(seconds)
    case = f"{len(manifests)} recipes, one after the other"
    return {
        "unit": "seconds",
        "aim": "aim: at most 1.25 x",
        "base": "script",
        "cases": {case: summarise(figures, "script")},
    }


def send(place: Machine, name: str, count: int) -> float:
    """Send tasks, and wait until all are done.

    :returns: seconds.
    """
    return float(place.run("send_tasks.py", name, str(count), seconds=300))


def shuffle(names: Any, number: int) -> list[str]:
    """Return the names in an order that differs from round to round, and is the same in each run."""
    order = list(names)
    random.Random(number).shuffle(order)  # noqa: S311 - no secret
    return order
