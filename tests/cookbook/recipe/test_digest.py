"""Digests and evidence: a change that matters makes evidence stale, one that does not leaves it."""

import dataclasses
import json
import subprocess
from pathlib import Path

import pytest

from cookbook.recipe.digest import chain_steps, digest_base, digest_manifest, digest_tree, list_files
from cookbook.recipe.evidence import (
    Evidence,
    StepEvidence,
    find_uneven,
    judge_step,
    read_evidence,
    worst,
    write_evidence,
)
from cookbook.recipe.manifest import Inventory, Manifest, Step, read_manifest, write_inventory

STEPS = tuple(Step(name=name, kind="run", page="p.md", line=5, text=f"$ {name}") for name in ("a", "b", "c"))
MANIFEST = Manifest(slug="guide", title="Guide", page="p.md", variant={}, needs=(), steps=STEPS)


def change(index: int, **changes: object) -> Manifest:
    steps = list(STEPS)
    steps[index] = dataclasses.replace(steps[index], **changes)
    return dataclasses.replace(MANIFEST, steps=tuple(steps))


def test_change_reaches_what_follows_and_nothing_before() -> None:
    before, after = chain_steps(MANIFEST, "base"), chain_steps(change(1, text="$ other"), "base")
    assert before["a"] == after["a"]
    assert before["b"] != after["b"]
    assert before["c"] != after["c"]


@pytest.mark.parametrize("changes", [{"line": 9}, {"section": "Steps"}])
def test_where_a_step_stands_does_not_matter(changes: dict[str, object]) -> None:
    assert chain_steps(change(0, **changes), "base") == chain_steps(MANIFEST, "base")


@pytest.mark.parametrize(
    "changes", [{"timeout": 5.0}, {"network": "host"}, {"kind": "background"}, {"text": "$ a "}, {"name": "z"}]
)
def test_what_a_step_does_matters(changes: dict[str, object]) -> None:
    assert digest_manifest(change(0, **changes), "base") != digest_manifest(MANIFEST, "base")


@pytest.mark.parametrize(
    "changes", [{"needs": ("redis",)}, {"variant": {"a": "b"}}, {"workspace": "site"}, {"first": False}]
)
def test_what_a_manifest_needs_matters(changes: dict[str, object]) -> None:
    assert digest_manifest(dataclasses.replace(MANIFEST, **changes), "base") != digest_manifest(MANIFEST, "base")


def test_base_holds_tree_configuration_and_engine() -> None:
    assert (
        len(
            {
                digest_base("t", "c", "1"),
                digest_base("u", "c", "1"),
                digest_base("t", "d", "1"),
                digest_base("t", "c", "2"),
            }
        )
        == 4
    )


def test_tree_digest_sees_names_contents_and_modes(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("1")
    digests = {digest_tree(tmp_path)}
    file.write_text("2")
    digests.add(digest_tree(tmp_path))
    file.chmod(0o755)
    digests.add(digest_tree(tmp_path))
    file.rename(tmp_path / "b")
    digests.add(digest_tree(tmp_path))
    assert len(digests) == 4


def test_tree_is_what_git_would_take(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    for name in (".gitignore", "new.py", "ignored.txt"):
        (tmp_path / name).write_text("ignored.txt\n")
    assert [path.name for path in list_files(tmp_path)] == [".gitignore", "new.py"]


def evidence(outcome: str = "passed", digest: str = "d") -> Evidence:
    step = StepEvidence(name="a", outcome=outcome, duration=0.1, digest=digest)  # type: ignore[arg-type]
    return Evidence(
        id="guide",
        slug="guide",
        variant={},
        outcome="passed",
        digest="d",
        started="2026-01-02T03:04:05Z",
        steps=(step,),
    )


def test_what_a_badge_may_say() -> None:
    assert judge_step("a", "d", None) == "unverified"
    assert judge_step("a", "d", evidence()) == "verified"
    assert judge_step("a", "other", evidence()) == "stale"
    assert judge_step("b", "d", evidence()) == "stale"
    assert judge_step("a", "d", evidence("failed")) == "failed"
    assert judge_step("a", "d", evidence("blocked")) == "blocked"
    assert judge_step("a", "d", dataclasses.replace(evidence(), outcome="not_run")) == "not_run"


def test_the_worst_speaks_for_all() -> None:
    assert worst([]) == "unverified"
    assert worst(["verified", "not_run"]) == "not_run"
    assert worst(["verified", "stale", "failed"]) == "failed"


def test_evidence_is_replaced_as_a_whole(tmp_path: Path) -> None:
    write_evidence(evidence(), tmp_path)
    write_evidence(evidence("failed"), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["guide.json"]
    assert read_evidence(tmp_path)["guide"].steps[0].outcome == "failed"


def test_evidence_of_another_schema_is_none(tmp_path: Path) -> None:
    path = write_evidence(evidence(), tmp_path)
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"schema": 99}))
    assert read_evidence(tmp_path) == {}
    path.write_text("{")
    assert read_evidence(tmp_path) == {}


def test_manifest_of_another_schema_is_refused(tmp_path: Path) -> None:
    write_inventory(Inventory(manifests=(MANIFEST,), blocks=()), tmp_path)
    path = tmp_path / "manifests" / "guide.json"
    assert read_manifest(path) == MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": 99}))
    with pytest.raises(ValueError, match="schema 99"):
        read_manifest(path)
    path.write_text("{}")
    with pytest.raises(ValueError, match="no manifest"):
        read_manifest(path)


def test_manifest_that_is_gone_leaves_no_file(tmp_path: Path) -> None:
    write_inventory(Inventory(manifests=(MANIFEST,), blocks=()), tmp_path)
    write_inventory(Inventory(manifests=(), blocks=()), tmp_path)
    assert list((tmp_path / "manifests").iterdir()) == []


def test_variants_must_run_equally_many_tests() -> None:
    def ran(variant: str, tests: int | None, outcome: str = "passed") -> Evidence:
        step = StepEvidence(name="a", outcome="passed", duration=0.1, digest="d", tests=tests)
        return dataclasses.replace(evidence(), id=f"guide[{variant}]", outcome=outcome, steps=(step,))  # type: ignore[arg-type]

    assert find_uneven([ran("a", 3), ran("b", 3), ran("c", None)]) == []
    assert find_uneven([ran("a", 3), ran("b", 2, outcome="failed")]) == []
    (sentence,) = find_uneven([ran("a", 3), ran("b", 2)])
    assert "3 (guide[a]), 2 (guide[b])" in sentence
