"""What tests record of commands: one truth a command and test, however many write at once."""

import multiprocessing

import pytest

from cookbook.recipe.commands import FILE, read_commands, record_command, split_commands


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("$ make test", ("make test",)),
        ("make run", ("make run",)),
        ("make run\nmake test\n", ("make run", "make test")),
        ("# set up\nmake run", ("make run",)),
        ("$ make test\n12 passed\n$ make run", ("make test", "make run")),
        ("docker run \\\n  -it x\nls", ("docker run \\\n  -it x", "ls")),
        ("$ a \\\n> b", ("a \\\nb",)),
        ("", ()),
        ("# nothing", ()),
        ("output first\n$ ls", ()),
    ],
)
def test_a_block_is_split_into_what_a_reader_types(text, commands):
    assert split_commands(text) == commands


def test_the_same_test_replaces_what_it_said(tmp_path):
    record_command(tmp_path, "make run", "failed", "a::b")
    record_command(tmp_path, "make run ", "passed", "a::b")
    record_command(tmp_path, "make run", "failed", "c::d")
    records = read_commands(tmp_path)
    assert [(one.command, one.by, one.outcome) for one in records] == [
        ("make run", "a::b", "passed"),
        ("make run", "c::d", "failed"),
    ]
    assert records[0].when.endswith("+00:00")


def test_a_missing_or_broken_file_is_no_evidence(tmp_path):
    assert read_commands(tmp_path / "gone") == ()
    (tmp_path / FILE).write_text("{")
    assert read_commands(tmp_path) == ()


def _record_some(folder, name):
    for number in range(20):
        record_command(folder, f"command {number}", "passed", name)


def test_several_processes_lose_nothing(tmp_path):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_record_some, args=(tmp_path, f"test {number}")) for number in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert len(read_commands(tmp_path)) == 80
    assert not list(tmp_path.glob(".writing-*"))
