"""A block is verified by fresh evidence of every manifest that shows it, and by nothing less."""

import pytest

from cookbook.recipe.commands import CommandEvidence
from cookbook.recipe.coverage import digest_steps, judge_blocks, judge_manifest, measure
from cookbook.recipe.evidence import Evidence, StepEvidence
from cookbook.recipe.excerpts import FileLines, Suite
from cookbook.recipe.manifest import Block, Excerpt, Inventory, Manifest, Step


def make_block(kind="step", text="", step=None, slug="swap", reason=None, excerpt=None):
    return Block(
        docname="d",
        page="d.md",
        line=3,
        index=0,
        text=text,
        language="",
        kind=kind,
        step=step,
        slug=slug,
        reason=reason,
        excerpt=excerpt,
    )


def make_manifest(variant, *names, workspace="project"):
    steps = tuple(Step(name=name, kind="run", page="d.md", line=1, text="$ x") for name in names)
    return Manifest(slug="swap", title="", page="d.md", variant=variant, needs=(), steps=steps, workspace=workspace)


def make_evidence(manifest, outcomes, digest="now", outcome="passed"):
    steps = tuple(StepEvidence(name=n, outcome=o, duration=0, digest=digest) for n, o in outcomes.items())
    return Evidence(
        id=manifest.id, slug="swap", variant=manifest.variant, outcome=outcome, digest="", started="", steps=steps
    )


ONE, TWO = make_manifest({"database": "A"}, "shared", "first"), make_manifest({"database": "B"}, "shared")
DIGESTS = {ONE.id: {"shared": "now", "first": "now"}, TWO.id: {"shared": "now"}}


LINES = FileLines(digest="now", executed=(1, 2), missing=(4,))
SUITE = Suite("tox", {"a.py": LINES, "b.py": LINES}, frozenset({"b.py"}))


def judge(block, evidence=(), commands=(), suite=SUITE):
    inventory = Inventory(manifests=(ONE, TWO), blocks=(block,))
    (status,) = judge_blocks(inventory, {one.id: one for one in evidence}, DIGESTS, commands, suite)
    return status


def test_a_step_needs_every_manifest_that_holds_it():
    block = make_block(step="shared")
    good = make_evidence(ONE, {"shared": "passed"})
    half = judge(block, [good])
    assert (half.status, half.by) == ("unverified", [ONE.id])
    assert TWO.id in half.reason
    assert ONE.id not in half.reason
    whole = judge(block, [good, make_evidence(TWO, {"shared": "passed"})])
    assert (whole.status, whole.by, whole.reason) == ("verified", [ONE.id, TWO.id], "")
    assert judge(make_block(step="first"), [make_evidence(ONE, {"first": "passed"})]).status == "verified"


@pytest.mark.parametrize(
    ("evidence", "status"),
    [
        (make_evidence(TWO, {"shared": "passed"}, "then"), "stale"),
        (make_evidence(TWO, {"shared": "failed"}), "failed"),
        (make_evidence(TWO, {"shared": "blocked"}), "blocked"),
        (make_evidence(TWO, {}, outcome="not_run"), "not_run"),
        (make_evidence(TWO, {}), "stale"),
    ],
)
def test_the_worst_manifest_speaks_for_a_step(evidence, status):
    assert judge(make_block(step="shared"), [make_evidence(ONE, {"shared": "passed"}), evidence]).status == status


def test_a_step_of_no_manifest_or_another_page_is_unverified():
    evidence = [make_evidence(ONE, {"shared": "passed"}), make_evidence(TWO, {"shared": "passed"})]
    assert judge(make_block(step="gone"), evidence).status == "unverified"
    assert judge(make_block(step="shared", slug="other"), evidence).status == "unverified"
    assert judge(make_block(), evidence).status == "unverified"


def record(command, outcome="passed", by="t::a"):
    return CommandEvidence(command=command, outcome=outcome, by=by, when="")


def test_an_example_needs_a_run_of_its_very_text():
    block = make_block("example", "print(1)\nprint(2)")
    assert judge(block).status == "unverified"
    assert judge(block, commands=[record("print(1)")]).status == "unverified"
    assert judge(block, commands=[record("print(1)\nprint(2)")]).status == "verified"
    both = [record("print(1)\nprint(2)"), record("print(1)\nprint(2)", "failed", "t::b")]
    assert judge(block, commands=both).status == "failed"


def test_commands_need_a_test_each_and_no_failure():
    block = make_block("command", "$ make run\n$ make test")
    assert judge(block).status == "unverified"
    assert "make test" in judge(block, commands=[record("make run")]).reason
    both = [record("make run"), record("make test", by="t::b")]
    assert judge(block, commands=both).by == ["t::a", "t::b"]
    assert judge(block, commands=both).status == "verified"
    assert judge(block, commands=[*both, record("make run", "failed", "t::c")]).status == "failed"
    assert judge(make_block("command", "# none"), commands=both).status == "unverified"


@pytest.mark.parametrize(
    ("path", "last", "status", "by", "reason"),
    [
        ("a.py", 3, "verified", ["tox"], ""),
        ("a.py", 4, "unverified", [], "no test executed line 4 of a.py"),
        ("b.py", 3, "stale", [], "b.py has changed since its lines were executed"),
        ("c.py", 3, "unverified", [], "no run of the project's tests has left a record of c.py"),
    ],
)
def test_an_excerpt_needs_a_run_of_its_lines_as_they_are(path, last, status, by, reason):
    judged = judge(make_block("excerpt", excerpt=Excerpt(path=path, first=1, last=last)))
    assert (judged.status, judged.by, judged.reason) == (status, by, reason)


def test_without_a_run_no_excerpt_is_verified():
    block = make_block("excerpt", excerpt=Excerpt(path="a.py", first=1, last=3))
    assert judge(block, suite=Suite()).status == "unverified"


@pytest.mark.parametrize("kind", ["excerpt", "other", "sample"])
def test_other_blocks_are_not_verified(kind):
    judged = judge(make_block(kind, reason="needs a domain"))
    assert judged.status == "unverified"
    assert judged.reason


def test_every_block_is_counted_once():
    blocks = (make_block(step="first"), make_block("sample"), make_block("other"), make_block(step="gone"))
    inventory = Inventory(manifests=(ONE,), blocks=blocks)
    evidence = make_evidence(ONE, {"first": "passed"})
    coverage = measure(judge_blocks(inventory, {ONE.id: evidence}, DIGESTS, (), SUITE))
    assert (coverage.rendered, coverage.verified, coverage.samples) == (4, 1, [blocks[1]])
    assert [one.block for one in coverage.unverified] == [blocks[2], blocks[3]]


def test_a_manifest_is_as_good_as_its_worst_step_and_its_checks():
    passed = {"shared": "passed", "first": "passed"}
    assert judge_manifest(ONE, make_evidence(ONE, passed), DIGESTS[ONE.id]) == "verified"
    assert judge_manifest(ONE, make_evidence(ONE, passed, outcome="failed"), DIGESTS[ONE.id]) == "failed"
    assert judge_manifest(ONE, make_evidence(ONE, {"shared": "passed"}), DIGESTS[ONE.id]) == "stale"
    assert judge_manifest(ONE, None, DIGESTS[ONE.id]) == "unverified"
    assert judge_manifest(make_manifest({}), make_evidence(ONE, {}), {}) == "unverified"


def test_the_trees_are_read_once_for_each_kind_of_workspace():
    class Counting:
        def __init__(self):
            self.asked = []

        def base_digest(self, manifest):
            self.asked.append(manifest.workspace)
            return f"base of {manifest.workspace}"

    repository = Counting()
    site = make_manifest({"database": "C"}, "shared", workspace="site")
    digests = digest_steps(repository, [ONE, TWO, site])
    assert sorted(repository.asked) == ["project", "site"]
    same = make_manifest({"database": "C"}, "shared")
    assert digests[site.id] != digest_steps(Counting(), [same])[same.id]
    assert list(digests[ONE.id]) == ["shared", "first"]
