"""Renaming goes by whole words; the package is what manage.py says."""

from pathlib import Path

import pytest

from cookbook.application.naming import find_package, make_renamer
from cookbook.application.problem import ApplicationError


@pytest.mark.parametrize(
    ("text", "renamed"),
    [
        ("cookiecutter.settings", "shop.settings"),
        ("from cookiecutter.a import cookiecutter", "from shop.a import shop"),
        ("cookiecutter/urls.py", "shop/urls.py"),
        ("+cookiecutter", "+shop"),
        ("cookiecutter-worker", "shop-worker"),
        ("redis://localhost/cookiecutter", "redis://localhost/shop"),
        ("django-cookiecutter", "django-cookiecutter"),
        ("+django-cookiecutter", "+django-cookiecutter"),
        ("cookiecutter-django", "cookiecutter-django"),
        ("mydjango-cookiecutter", "mydjango-shop"),
        ("my_cookiecutter", "my_cookiecutter"),
        ("ON test_cookiecutter.* TO", "ON test_shop.* TO"),
        ("my_test_cookiecutter", "my_test_cookiecutter"),
        ("cookiecutters", "cookiecutters"),
        ("Cookiecutter", "Cookiecutter"),
        ("écookiecutter", "écookiecutter"),
        ("extra == 'group-12-cookiecutter-django52'", "extra == 'group-4-shop-django52'"),
        ("extra == 'group-13-cookiecutter-django52'", "extra == 'group-13-shop-django52'"),
    ],
)
def test_only_whole_words_are_renamed(text, renamed):
    assert make_renamer("cookiecutter", "shop")(text) == renamed


@pytest.mark.parametrize("package", ["my_cookiecutter", "cookiecutter2", "cookiecutter_shop", "shop\\1"])
def test_a_name_that_holds_the_old_one_is_put_in_once(package):
    assert make_renamer("cookiecutter", package)("x = 'cookiecutter.urls'") == f"x = '{package}.urls'"


def test_the_groups_of_the_lock_count_the_letters_of_the_new_name():
    renamed = make_renamer("cookiecutter", "my_shop")("extra != 'group-12-cookiecutter-django61'")
    assert renamed == "extra != 'group-7-my-shop-django61'"


@pytest.mark.parametrize(
    "line",
    [
        'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings.development")',
        "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')",
        'os.environ.setdefault(\n    "DJANGO_SETTINGS_MODULE",\n    "shop.settings",\n)',
        'os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"',
        'os.environ.setdefault("DJANGO_SETTINGS_MODULE", config("DJANGO_SETTINGS_MODULE", default="shop.settings"))',
    ],
)
def test_package_is_found_however_manage_py_spells_it(tmp_path, line):
    (tmp_path / "shop").mkdir()
    (tmp_path / "manage.py").write_text(f"import os\n# DJANGO_SETTINGS_MODULE: not.this\n{line}\n")
    assert find_package(tmp_path) == "shop"


def refusal(folder: Path) -> str:
    with pytest.raises(ApplicationError) as caught:
        find_package(folder)
    return str(caught.value)


def test_what_is_no_django_project_is_told(tmp_path):
    assert "is no folder" in refusal(tmp_path / "gone")
    assert "has no manage.py" in refusal(tmp_path)
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "manage.py").touch()
    assert f"There is one in {tmp_path / 'inner'}" in refusal(tmp_path)
    script = tmp_path / "manage.py"
    script.write_text("import os\n")
    assert "sets no DJANGO_SETTINGS_MODULE" in refusal(tmp_path)
    script.write_text("def broken(:\n")
    assert "cannot be read" in refusal(tmp_path)
    script.write_text('import os\nos.environ["DJANGO_SETTINGS_MODULE"] = "../evil.settings"\n')
    assert "'../evil.settings'" in refusal(tmp_path)
    script.write_text('import os\nos.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"\n')
    assert f"no folder {tmp_path / 'shop'}" in refusal(tmp_path)
