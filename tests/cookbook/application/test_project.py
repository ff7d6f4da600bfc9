"""Nothing outside the reader's project is ever written, whatever a recipe or a link says."""

import pytest

from cookbook.application.problem import ApplicationError

from .bench import make_step, plan

SETTINGS = "shop/settings/base.py"


@pytest.mark.parametrize("path", ["../out.py", "/etc/out.py", "a/../../out.py", ".git/hooks/pre-commit", "a\\..\\b"])
def test_a_recipe_that_writes_elsewhere_is_refused(repository, project, path):
    with pytest.raises(ApplicationError, match="Recipes may only write inside"):
        plan(repository, project, make_step("file", "make", "x", path=path))


@pytest.mark.parametrize("link", ["shop", "shop/settings", SETTINGS])
def test_a_link_that_leads_out_is_a_conflict(repository, project, tmp_path, link):
    place, outside = project.root / link, tmp_path / "outside"
    place.rename(outside)
    place.symlink_to(outside)
    conflicts = plan(repository, project).conflicts
    assert SETTINGS in {conflict.path for conflict in conflicts}
    assert all("outside the project" in conflict.found for conflict in conflicts)


def test_links_in_a_circle_into_git_and_to_folders_are_conflicts(repository, project):
    step = make_step("file", "make", "x", path="a/b.py")
    place = project.root / "a"
    for target, told in ((".git", "git's own folder"), ("a", "in a circle"), ("manage.py", "a folder is needed")):
        place.symlink_to(target)
        (conflict,) = plan(repository, project, step).conflicts
        assert told in conflict.found
        place.unlink()
    (place / "b.py").mkdir(parents=True)
    (conflict,) = plan(repository, project, step).conflicts
    assert "no ordinary file" in conflict.found


def test_a_link_within_the_project_is_followed(repository, project):
    real = project.root / "shop" / "real.py"
    (project.root / SETTINGS).rename(real)
    (project.root / SETTINGS).symlink_to(real)
    made = plan(repository, project)
    assert made.conflicts == []
    assert made.changes[0].target == real
