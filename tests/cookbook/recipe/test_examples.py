"""What a run said of examples holds for the sources that it ran on, and for no others."""

from cookbook.recipe.commands import CommandEvidence, record_command
from cookbook.recipe.examples import FILE, digest_sources, read_examples, read_records, write_examples
from cookbook.recipe.repository import open_repository

RECORD = CommandEvidence(command="print(1)", outcome="passed", by="t::a", when="2026-11-01T00:00:00+00:00")


def make_repository(folder):
    for name in ("conf", "reference_project", "docs/source"):
        (folder / name).mkdir(parents=True)
    (folder / "conf/cookbook.toml").write_text("")
    (folder / "reference_project/models.py").write_text("a = 1\n")
    return open_repository(folder)


def test_examples_are_forgotten_when_a_source_changes(tmp_path):
    repository = make_repository(tmp_path)
    write_examples(repository.evidence, digest_sources(repository), [RECORD])
    record_command(repository.evidence, "make test", "passed", "t::b")
    assert [one.command for one in read_records(repository)] == ["make test", "print(1)"]
    (repository.reference / "models.py").write_text("a = 2\n")
    assert [one.command for one in read_records(repository)] == ["make test"]


def test_another_run_takes_the_place_of_the_one_before(tmp_path):
    write_examples(tmp_path, "tree", [RECORD])
    write_examples(tmp_path, "tree", [])
    assert read_examples(tmp_path, "tree") == ()
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_an_unreadable_file_is_no_evidence(tmp_path):
    assert read_examples(tmp_path, "tree") == ()
    (tmp_path / FILE).write_text("{")
    assert read_examples(tmp_path, "tree") == ()
