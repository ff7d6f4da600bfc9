"""Runs inside the reference project's pytest: opens the database to examples, and writes down how each one ended."""

import doctest
import json
import os
from pathlib import Path

import pytest
from _pytest.doctest import DoctestItem

OUTCOMES: dict[str, dict] = {}


@pytest.fixture(autouse=True)
def _database(db: None) -> None:
    """Give every example tables of its own making: what it saves is rolled back."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Note what was collected, whether or not it will run."""
    for item in items:
        examples = item.dtest.examples if isinstance(item, DoctestItem) else []
        OUTCOMES[item.nodeid] = {
            "name": item.name if item.path.suffix == ".py" else item.path.relative_to(item.config.rootpath).as_posix(),
            "blocks": [block.strip() for example in examples for block in (example.source, example.want) if block],
            "examples": len(examples),
            "with_output": sum(bool(example.want) for example in examples),
            "skipped": sum(bool(example.options.get(doctest.SKIP)) for example in examples),
            "outcome": "not run",
            "report": "",
        }


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note how an example ended; a failure before or after it counts as its own."""
    told = OUTCOMES[report.nodeid]
    if report.when == "call" or report.outcome != "passed":
        told["outcome"] = report.outcome
        told["report"] = report.longreprtext


def pytest_sessionfinish() -> None:
    """Write everything down."""
    Path(os.environ["EXAMPLES_REPORT"]).write_text(json.dumps(list(OUTCOMES.values())), encoding="utf-8")
