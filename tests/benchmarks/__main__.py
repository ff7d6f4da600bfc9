"""Measures the reference project beside what it could have been built from: python -m tests.benchmarks."""

import argparse
import json
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cookbook.runner.failure import StepFailure
from cookbook.runner.namespace import Namespace
from cookbook.runner.services import ServiceError

from . import measurements
from .page import write_page, write_scale
from .place import REPOSITORY, install

ALL: dict[str, Callable[[Path, int], dict[str, Any]]] = {
    "saves": measurements.measure_saves,
    "growth": measurements.measure_growth,
    "requests": measurements.measure_requests,
    "tasks": measurements.measure_tasks,
    "recipes": measurements.measure_recipes,
}


def main() -> int:
    """Measure, print a table each, and keep the numbers in ``build/bench.json``.

    :returns: 0, whatever was measured: an aim that is missed is told, and is no error; 1 when nothing could be.
    """
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure: {', '.join(ALL)}; all if left out")
    parser.add_argument("--rounds", type=int, default=7, help="how often each is measured (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print the numbers for another program")
    parser.add_argument("--page", action="store_true", help="write the figures into the pages about costs and scaling")
    options = parser.parse_args()
    if options.page and options.names:
        parser.error("--page takes all measurements: leave the names out")
    if unknown := set(options.names) - set(ALL):
        parser.error(f"{', '.join(sorted(unknown))} is none of {', '.join(ALL)}")
    if options.rounds < 1:
        parser.error(f"--rounds is {options.rounds}; at least 1 is needed")
    possible, reason = Namespace.available()
    if not possible:
        return refuse(f"The servers need networks of their own, which this machine does not give: {reason}")
    try:
        return measure(options)
    except (ServiceError, StepFailure) as error:
        return refuse(f"{error}\n.venv/bin/cookbook doctor says what is missing, and how to get it.")


def refuse(reason: str) -> int:
    """Say why nothing was measured.

    :param reason: what was found, and what to do.
    :returns: the exit status.
    """
    print(f"make bench: {reason}", file=sys.stderr)
    return 1


def measure(options: argparse.Namespace) -> int:
    """Measure what was asked for, and tell.

    :param options: see :func:`main`.
    :returns: the exit status.
    :raises cookbook.runner.services.ServiceError: when a server is missing, or does not start.
    :raises cookbook.runner.failure.StepFailure: when there is no uv.
    """
    found: dict[str, Any] = {"python": platform.python_version(), "machine": platform.machine()}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        print("Installing the project, and what it is compared with ...", file=sys.stderr)
        project = install(Path(folder))
        for name in options.names or ALL:
            print(f"Measuring {name} ...", file=sys.stderr)
            found[name] = ALL[name](project, options.rounds)
            if not options.json:
                print(describe(name, found[name]), flush=True)
    target = REPOSITORY.build / "bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(found, indent=2) + "\n")
    if options.page:
        write_page(REPOSITORY.docs / "explanation/costs.md", found)
        write_scale(REPOSITORY.docs / "how_to/run_it_on_kubernetes.md", found)
    if options.json:
        print(json.dumps(found, indent=2))
    return 0


def describe(name: str, found: dict[str, Any]) -> str:
    """Lay out what was measured.

    :param name: what was measured.
    :param found: by case, the rows; each with its smallest, middle and largest figure.
    :returns: lines for people.
    """
    lines = [f"\n{name}: {found['unit']}; {found['aim']}"]
    for case, rows in found["cases"].items():
        lines.append(f"  {case}")
        for row, figures in rows.items():
            low, middle, high = (f"{figures[one]:9.2f}" for one in ("min", "median", "max"))
            lines.append(f"    {row:<16} {low} {middle} {high}   {figures['ratio']:6.2f} x {found['base']}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
