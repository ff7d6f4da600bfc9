"""`cookbook list`: what there is, and what its evidence says."""

import json

import pytest

from cookbook.recipe.coverage import digest_steps
from cookbook.recipe.evidence import CheckEvidence, Evidence, StepEvidence, write_evidence
from cookbook.recipe.manifest import SCHEMA, read_inventory


def write_runs(repository, outcome="passed"):
    """Write evidence of a complete run for every manifest."""
    manifests = read_inventory(repository.inventory).manifests
    digests = digest_steps(repository, manifests)
    for manifest in manifests:
        steps = tuple(
            StepEvidence(name=step.name, outcome=outcome, duration=0.1, digest=digests[manifest.id][step.name])
            for step in manifest.steps
            if outcome != "not_run"
        )
        values = {"outcome": outcome, "digest": "", "started": "2026-01-01T00:00:00+00:00", "steps": steps}
        evidence = Evidence(id=manifest.id, slug=manifest.slug, variant=manifest.variant, **values)
        write_evidence(evidence, repository.evidence)


def test_json(type_command):
    told = json.loads(type_command("list", "--json").stdout)
    assert [one["slug"] for one in told] == ["site", "store", "swap"]
    assert told[2] == {
        "slug": "swap",
        "title": "Swap the broker",
        "variants": [{}],
        "needs": ["rabbitmq"],
        "steps": 6,
        "ids": ["swap"],
    }
    store = told[1]
    assert store["variants"][0] == {"database": "PostgreSQL", "broker": "Redis"}
    assert store["needs"] == ["mariadb", "postgresql"]
    assert store["steps"] == 2
    assert store["ids"][0] == "store[database=PostgreSQL,broker=Redis]"
    assert len(store["ids"]) == len(store["variants"]) == 3


def status_of(type_command, slug):
    lines = type_command("list").stdout.splitlines()
    return next(line for line in lines if line.startswith(slug)).rstrip().rpartition("  ")[2].strip()


def test_status_comes_from_evidence(type_command, repository):
    assert status_of(type_command, "swap") == "unverified"
    write_runs(repository)
    assert status_of(type_command, "swap") == "verified"
    (repository.reference / "README.md").write_text("# changed\n")
    assert status_of(type_command, "swap") == "stale"
    write_runs(repository, "failed")
    assert status_of(type_command, "swap") == "failed"
    write_runs(repository, "not_run")
    assert status_of(type_command, "swap") == "not run"


def test_a_failed_check_fails_the_recipe(type_command, repository):
    check = CheckEvidence(name="tests", command="pytest", outcome="failed", duration=1)
    write_runs(repository, "passed")
    assert status_of(type_command, "store") == "verified"
    manifests = read_inventory(repository.inventory).manifests
    digests = digest_steps(repository, manifests)
    manifest = next(one for one in manifests if one.variant.get("broker") == "RabbitMQ")
    steps = tuple(
        StepEvidence(name=name, outcome="passed", duration=0, digest=digest)
        for name, digest in digests[manifest.id].items()
    )
    values = {"id": manifest.id, "slug": "store", "variant": manifest.variant, "outcome": "failed", "digest": ""}
    write_evidence(Evidence(**values, started="", steps=steps, checks=(check,)), repository.evidence)
    assert status_of(type_command, "store") == "failed"


@pytest.mark.parametrize("arguments", [["list"], ["coverage"], ["apply", "swap", "."]])
def test_an_inventory_that_is_not_there_is_told(type_command, repository, project, arguments, monkeypatch):
    monkeypatch.chdir(project.root)
    (repository.inventory / "blocks.json").unlink()
    result = type_command(*arguments)
    assert result.exit_code == 2
    assert "blocks.json is not there" in result.stderr


def test_a_manifest_of_another_schema_is_told(type_command, repository):
    path = repository.inventory / "manifests" / "swap.json"
    path.write_text(path.read_text().replace(f'"schema": {SCHEMA}', '"schema": 99'))
    result = type_command("list")
    assert result.exit_code == 2
    assert "schema 99" in result.stderr
