"""`cookbook apply`: all or nothing, twice is once, and every refusal says what to do."""

import json
import os
import subprocess
import sys

import pytest

from ..application.bench import commit, make_project, read_tree

SETTINGS = "shop/settings/base.py"


def test_it_writes_shows_the_diff_and_what_is_left_to_do(type_command, project, repository):
    result = type_command("apply", "swap", project.root)
    assert result.exit_code == 0, result.output
    assert "amqp://" in (project.root / SETTINGS).read_text()
    assert (project.root / "shop/brokers/amqp.py").is_file()
    assert '+CELERY_BROKER_APP = "shop.celery"' in result.stdout
    assert "\x1b[" not in result.stdout
    first = result.stdout.index("celery -A shop inspect ping")
    assert first < result.stdout.index("celery -A shop worker")
    assert "It needs: RabbitMQ." in result.stdout
    assert str(repository.root / "docs/source/how_to/swap.md") in result.stdout


def test_the_published_page_is_named_if_there_is_one(type_command, project, repository):
    (repository.conf / "cookbook.toml").write_text('site = "https://example.org/en/"\n')
    assert "https://example.org/en/how_to/swap.html" in type_command("apply", "swap", project.root).stdout


def test_twice_is_once_and_says_so(type_command, project):
    type_command("apply", "swap", project.root)
    before = read_tree(project.root)
    # The tree is dirty now, by the recipe itself; there is nothing to write, so that is no reason to refuse.
    result = type_command("apply", "swap", project.root)
    assert result.exit_code == 0
    assert "already applied" in result.stdout
    assert "nothing to do" in result.stdout
    assert read_tree(project.root) == before


@pytest.mark.parametrize("options", [[], ["--force"], ["--json"], ["--dry-run"]])
def test_a_conflict_changes_nothing_and_is_explained(type_command, project, options):
    settings = project.root / SETTINGS
    settings.write_text(settings.read_text().replace("redis://localhost:6379/0", "redis://elsewhere"))
    commit(project.root)
    before = read_tree(project.root)
    result = type_command("apply", "swap", project.root, *options)
    assert result.exit_code == 1
    assert read_tree(project.root) == before
    assert "Nothing was changed" in result.stderr
    if "--json" in options:
        (conflict,) = json.loads(result.stdout)["conflicts"]
        assert conflict["path"] == SETTINGS
        assert any("elsewhere" in line for line in conflict["yours"])
    else:
        assert f"{SETTINGS}:12" in result.stderr
        assert "redis://elsewhere" in result.stderr
        assert "amqp://" in result.stderr
        assert "What to do" in result.stderr
        assert "swap.md:10" in result.stderr


@pytest.mark.parametrize("dirt", ["changed", "untracked", "staged"])
def test_a_dirty_tree_is_refused_without_force(type_command, project, dirt):
    path = project.root / ("new.txt" if dirt == "untracked" else "README.md")
    path.write_text("mine\n")
    if dirt == "staged":
        subprocess.run(["git", "-C", project.root, "add", "-A"], check=True)
    before = read_tree(project.root)
    result = type_command("apply", "swap", project.root)
    assert result.exit_code == 2
    assert path.name in result.stderr
    assert "--force" in result.stderr
    assert read_tree(project.root) == before
    assert type_command("apply", "swap", project.root, "--force").exit_code == 0
    assert "amqp://" in (project.root / SETTINGS).read_text()


def test_a_project_that_git_does_not_hold_is_refused_without_force(type_command, project, tmp_path):
    (project.root / ".git").rename(tmp_path / "git")
    result = type_command("apply", "swap", project.root)
    assert result.exit_code == 2
    assert "No git repository holds" in result.stderr
    # A repository around it that ignores the project does not hold it either.
    commit(tmp_path)
    subprocess.run(["git", "-C", tmp_path, "rm", "-rq", "--cached", "mine"], check=True)
    (tmp_path / ".gitignore").write_text("mine\n")
    commit(tmp_path)
    assert "No git repository holds" in type_command("apply", "swap", project.root).stderr
    assert type_command("apply", "swap", project.root, "--force").exit_code == 0


def test_a_dry_run_changes_nothing_and_says_so(type_command, project):
    (project.root / "dirty.txt").touch()
    before = read_tree(project.root)
    result = type_command("apply", "swap", project.root, "--dry-run")
    assert result.exit_code == 0
    assert "nothing was changed; 2 files would be" in result.stdout
    assert "+++ b/shop/brokers/amqp.py" in result.stdout
    assert "--force" in result.stdout
    assert read_tree(project.root) == before


def test_json_is_all_that_is_printed(type_command, project):
    told = json.loads(type_command("apply", "swap", project.root, "--dry-run", "--json").stdout)
    assert list(told) == ["slug", "variant", "package", "changes", "conflicts", "commands"]
    assert (told["slug"], told["variant"], told["package"]) == ("swap", {}, "shop")
    assert [(one["path"], one["action"]) for one in told["changes"]] == [
        (SETTINGS, "update"),
        ("shop/brokers/amqp.py", "create"),
    ]
    assert told["changes"][1]["diff"].startswith("diff --git a/shop/brokers/amqp.py")
    assert told["commands"] == ["celery -A shop inspect ping", "celery -A shop worker"]
    type_command("apply", "swap", project.root)
    told = json.loads(type_command("apply", "swap", project.root, "--json").stdout)
    assert [(one["action"], one["diff"]) for one in told["changes"]] == [("unchanged", "")] * 2


def test_a_link_that_leads_out_is_never_written_through(type_command, project, tmp_path):
    outside = tmp_path / "outside"
    (project.root / "shop/settings").rename(outside)
    (project.root / "shop/settings").symlink_to(outside)
    before = read_tree(outside)
    result = type_command("apply", "swap", project.root, "--force")
    assert result.exit_code == 1
    assert "outside the project" in result.stderr
    assert read_tree(outside) == before
    assert not (project.root / "shop/brokers").exists()


def test_an_unknown_recipe_names_close_ones_and_all(type_command, project):
    result = type_command("apply", "stor", project.root)
    assert result.exit_code == 2
    assert "Did you mean store?" in result.stderr
    assert "    swap" in result.stderr


@pytest.mark.parametrize("variant", [[], ["database=MariaDB"], ["broker=redis"]])
def test_a_choice_that_leaves_several_lists_them(type_command, project, variant):
    options = [text for one in variant for text in ("--variant", one)]
    result = type_command("apply", "store", project.root, *options)
    assert result.exit_code == 2
    expected = {"database=PostgreSQL,broker=Redis", "database=MariaDB,broker=Redis", "database=MariaDB,broker=RabbitMQ"}
    if variant:
        family, label = variant[0].split("=")
        expected = {one for one in expected if f"{family}={label}".lower() in one.lower().split(",")}
    listed = {line.split()[1] for line in result.stderr.splitlines() if line.startswith("    --variant ")}
    assert listed == expected


@pytest.mark.parametrize(
    "options",
    [
        ["--variant", "database=mariadb,broker=redis"],
        ["--variant", "database=MariaDB", "--variant", "broker=Redis"],
    ],
)
def test_a_full_choice_is_taken(type_command, project, options):
    assert type_command("apply", "store", project.root, *options).exit_code == 0
    assert (project.root / "shop/x.py").read_text() == "x = 'MariaDB'\n"


@pytest.mark.parametrize(
    ("slug", "variant", "told"),
    [
        ("store", "database=Oracle", "no variant database=Oracle"),
        ("store", "colour=red", "no variant colour=red"),
        ("store", "MariaDB", "family=label"),
        ("swap", "database=MariaDB", "has no variants"),
    ],
)
def test_a_choice_that_is_none_is_told(type_command, project, slug, variant, told):
    result = type_command("apply", slug, project.root, "--variant", variant)
    assert result.exit_code == 2
    assert told in result.stderr


def test_what_is_no_project_is_told(type_command, tmp_path):
    result = type_command("apply", "swap", tmp_path)
    assert result.exit_code == 2
    assert "no manage.py" in result.stderr


def test_a_recipe_of_the_site_itself_is_refused(type_command, project):
    result = type_command("apply", "site", project.root)
    assert result.exit_code == 2
    assert "about a checkout of this repository" in result.stderr


def test_a_failing_write_is_told_and_put_back(type_command, project, monkeypatch):
    before = read_tree(project.root)

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cookbook.application.writing.os.fsync", fail)
    result = type_command("apply", "swap", project.root)
    assert result.exit_code == 1
    assert "Everything was put back" in result.stderr
    assert read_tree(project.root) == before


def test_inside_the_readers_own_project(repository, tmp_path):
    project = make_project(tmp_path / "elsewhere", "my_cookiecutter")
    command = [sys.executable, "-m", "cookbook.commands", "apply", "swap", "."]
    options = ["--repository", str(repository.root), "--inventory", str(repository.inventory)]
    # A git hook's variables would lead git to another repository.
    environment = {**os.environ, "GIT_DIR": str(tmp_path / "no-such.git")}
    done = subprocess.run([*command, *options], cwd=project.root, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert 'CELERY_BROKER_APP = "my_cookiecutter.celery"' in done.stdout
    assert "my_cookiecutter.settings.base" in (project.root / "my_cookiecutter/brokers/amqp.py").read_text()
    done = subprocess.run([*command, *options], cwd=project.root, env=environment, capture_output=True, text=True)
    assert "already applied" in done.stdout
