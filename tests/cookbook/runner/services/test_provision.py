"""A need is found in the order address, PATH, wheel; else the command that installs it is told."""

import dataclasses
import os

import pytest

from cookbook.runner.services import ServiceError, find, read_needs
from cookbook.runner.services.doctor import examine, examine_namespaces

ALL = {"s3", "postgresql", "mariadb", "redis", "rabbitmq", "curl", "chromium", "debootstrap", "debian"} | {
    "target",
    "target13",
    "docker",
    "advisories",
}


def test_every_need_is_examined(conf, needs):
    found = {provision.need.name: provision for provision in examine(conf)}
    assert set(found) == set(needs) == ALL
    for provision in found.values():
        assert (provision.source == "missing") == bool(provision.install) == bool(provision.reason)
        assert provision.source == "missing" or provision.version
    assert isinstance(examine_namespaces()[0], bool)


def test_what_is_missing_comes_with_reason_and_command(needs, monkeypatch):
    need = dataclasses.replace(needs["mariadb"], programs=("mariadbd", "no-such-program"))
    provision = find(need)
    assert provision.source == "missing"
    assert "no-such-program" in provision.reason
    command = "apt-get install --no-install-recommends mariadb-server libmariadb-dev pkg-config gcc python3-dev"
    assert provision.install == (command if os.geteuid() == 0 else f"sudo {command}")


def test_an_address_comes_first(needs, monkeypatch):
    monkeypatch.setenv("COOKBOOK_POSTGRESQL", "db.example:5433")
    provision = find(needs["postgresql"])
    assert (provision.source, provision.address) == ("address", ("db.example", 5433))


@pytest.mark.parametrize("text", ["localhost", "localhost:", ":5432", "localhost:99999", "redis://localhost"])
def test_an_address_that_is_none_is_refused(needs, monkeypatch, text):
    monkeypatch.setenv("COOKBOOK_REDIS", text)
    with pytest.raises(ServiceError, match="expected host:port, such as localhost:6379"):
        find(needs["redis"])


def test_an_installation_on_path_must_be_complete(needs, write_stub, monkeypatch):
    # As left by half an installation: no psql. The wheel is whole.
    for program in ("initdb", "postgres", "pg_ctl"):
        folder = write_stub(program, "echo 'postgres (PostgreSQL) 17.1'").parent
    monkeypatch.setenv("PATH", str(folder))
    need = dataclasses.replace(needs["postgresql"], folders=())
    assert find(need).source == "wheel"
    provision = find(dataclasses.replace(need, wheel=None))
    assert provision.source == "missing"
    assert f"psql was not found in {folder}" in provision.reason


def test_an_installation_that_is_too_old_is_passed_over(needs, write_stub, monkeypatch):
    for program in ("initdb", "postgres", "pg_ctl", "psql"):
        folder = write_stub(program, "echo 'postgres (PostgreSQL) 13.4'").parent
    monkeypatch.setenv("PATH", str(folder))
    provision = find(dataclasses.replace(needs["postgresql"], folders=(), wheel=None))
    assert "is 13.4, 15 or later is needed" in provision.reason


def test_a_server_under_another_name_serves(needs, write_stub, monkeypatch):
    stub = write_stub("valkey-server", "echo 'Valkey server v=8.1.0'")
    monkeypatch.setenv("PATH", str(stub.parent))
    provision = find(needs["redis"])
    assert (provision.programs["redis-server"], provision.version) == (stub, "8.1.0")


def test_wheels_can_be_preferred(needs, monkeypatch):
    monkeypatch.setenv("COOKBOOK_PREFER_WHEELS", "1")
    assert find(needs["postgresql"]).source == "wheel"
    assert find(needs["redis"]).source == "wheel"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[redis]\nlabel = ", "cannot be read"),
        ('[redis]\nlabel = "Redis"\nkind = "server"\npackages = []\nprograms = []', "needs its standard ports"),
        ('[x]\nlabel = "X"\nkind = "daemon"\npackages = []\nprograms = []', 'expected "server" or "program"'),
        ('[x]\nlabel = "X"\nkind = "program"\npackages = []\nprograms = []\ncolour = 1', "colour"),
        ('[x]\nlabel = "X"', "programs"),
    ],
)
def test_a_broken_table_is_told(tmp_path, text, complaint):
    (tmp_path / "services.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ServiceError, match=complaint):
        read_needs(tmp_path)
