"""What a server saves every night is kept, and brings back exactly that."""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backups import Machine
from tests.postgresql import Server, can_start_server


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The server, once for all."""
    with Server() as server:
        yield server


@pytest.fixture
def served(server: Server) -> Iterator[Machine]:
    """A machine with a database of its own, which only its folder leads to."""
    with tempfile.TemporaryDirectory(prefix="backups-") as folder:
        machine = Machine(Path(folder))
        for name in ("createdb", "dropdb", "pg_dump", "pg_restore", "psql"):
            (machine.programs / name).unlink()
            (machine.programs / name).symlink_to(server.programs / name)
        machine.environment |= server.environment
        machine.ask("create role keeper login", "postgres")
        machine.ask("create database shop owner keeper", "postgres")
        machine.ask(
            "set role keeper; create table owner (id int primary key);"
            "create table document (id int references owner); insert into owner values (1)"
        )
        yield machine
        machine.ask("drop database shop with (force)", "postgres")
        machine.ask("drop role keeper", "postgres")


def test_file_that_changes_meanwhile_does_not_cost_the_backup(machine: Machine) -> None:
    machine.install("tar", '/bin/tar "$@"; echo "file changed as we read it" >&2; exit 1')
    told = machine.run("backup")
    assert told.returncode == 0, told.stderr
    (backup,) = machine.backups.iterdir()
    assert told.stdout.strip() == str(backup)
    assert {one.name for one in backup.iterdir()} == {"database.dump", "media.tar"}


@pytest.mark.parametrize(("program", "lines"), [("tar", "exit 2"), ("pg_dump", "exit 1")])
def test_backup_that_is_not_whole_is_none_and_says_so(
    machine: Machine, program: str, lines: str
) -> None:
    machine.install(program, lines)
    told = machine.run("backup")
    assert told.returncode != 0
    assert re.search(r"^<3>The backup \S+Z failed", told.stderr, re.MULTILINE)
    assert list(machine.backups.iterdir()) == []


def test_files_that_cannot_be_unpacked_leave_the_site_as_it_is(machine: Machine) -> None:
    machine.run("backup")
    (machine.media / "plan.txt").write_text("new")
    (next(machine.backups.iterdir()) / "media.tar").write_bytes(b"damaged")
    assert machine.run("restore").returncode != 0
    assert (machine.media / "plan.txt").read_text() == "new"
    assert not (machine.folder / "services").exists()
    assert [one.name for one in machine.media.parent.iterdir()] == ["media"]


def test_files_of_a_restore_that_was_cut_off_are_never_removed(machine: Machine) -> None:
    machine.run("backup")
    # Its files are the only whole ones, if that restore had just begun to unpack.
    aside = machine.media.with_name("media.before")
    aside.mkdir()
    told = machine.run("restore")
    assert told.stdout.startswith("restored "), told.stderr
    assert aside.is_dir()
    assert machine.list_services() == ["stop", "start"]
    assert {one.name for one in machine.media.parent.iterdir()} == {"media", "media.before"}


def test_files_stay_aside_when_nothing_takes_their_place(machine: Machine) -> None:
    machine.run("backup")
    machine.install("mv", 'case $1 in */new/*) exit 1;; esac; exec /bin/mv "$@"')
    assert machine.run("restore").returncode != 0
    (plan,) = machine.media.parent.glob(".restore-*/media.before/plan.txt")
    assert plan.read_text() == "old"
    assert machine.list_services() == ["stop", "start"]


class TestServer:
    """What only a server of PostgreSQL tells; without one there are no such tests."""

    __test__ = can_start_server()

    def test_database_is_exactly_what_was_saved(self, served: Machine) -> None:
        told = served.run("backup")
        assert told.returncode == 0, told.stderr
        # A newer release has come: with tables that point at older ones, and with other columns.
        served.ask(
            "set role keeper; create table bill (id int references owner);"
            "insert into bill values (1); alter table owner add name text;"
            "insert into owner values (2, 'x'); drop table document;"
            "create view names as select name from owner"
        )
        (served.media / "late.txt").write_text("late")
        told = served.run("restore")
        assert told.stdout.startswith("restored "), told.stderr
        tables = "select string_agg(relname, ' ' order by relname) from pg_class where relkind in "
        assert served.ask(f"{tables} ('r', 'v') and relnamespace = 'public'::regnamespace") == (
            "document owner"
        )
        assert served.ask("select * from owner") == "1"
        assert served.ask(
            "select distinct tableowner from pg_tables where schemaname='public'"
        ) == ("keeper")
        assert served.ask("set role keeper; create table more (); select 'made'") == "made"
        names = "select string_agg(datname, ' ' order by datname) from pg_database where not "
        assert served.ask(f"{names} datistemplate", "postgres") == "postgres shop"
        owner = "select rolname from pg_database d join pg_roles r on r.oid = datdba"
        assert served.ask(f"{owner} where datname = 'shop'") == "keeper"
        assert [one.name for one in served.media.iterdir()] == ["plan.txt"]

    def test_dump_that_cannot_be_read_leaves_the_site_as_it_is(self, served: Machine) -> None:
        served.run("backup")
        dump = next(served.backups.iterdir()) / "database.dump"
        # Half of it: PostgreSQL 18 notes its contents twice, and can do without the end.
        dump.write_bytes(dump.read_bytes()[: dump.stat().st_size // 2])
        served.ask("insert into owner values (2)")
        assert served.run("restore").returncode != 0
        assert served.ask("select count(*) from owner") == "2"
        assert served.ask("select count(*) from pg_database where datname ~ '_'", "postgres") == "0"
        assert not (served.folder / "services").exists()

    def test_visitor_of_the_database_does_not_keep_it_from_being_restored(
        self, served: Machine
    ) -> None:
        served.run("backup")
        served.ask("insert into owner values (2)")
        visitor = subprocess.Popen(
            [f"{served.programs}/psql", "-XAtq", "shop"],
            env=served.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert visitor.stdin and visitor.stdout
        visitor.stdin.write("begin; select 'here' from owner limit 1;\n")
        visitor.stdin.flush()
        assert visitor.stdout.readline() == "here\n"
        told = served.run("restore")
        visitor.communicate()
        assert told.stdout.startswith("restored "), told.stderr
        assert served.ask("select count(*) from owner") == "1"
