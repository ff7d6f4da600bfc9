"""Configuration of the site. The engine lives in the package `cookbook`; nothing is computed here but paths."""

import os
import sys
from importlib.metadata import version as get_version
from pathlib import Path

# The model reference is read off the reference project, as its own tests see it.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "reference_project"))
django_settings = "cookiecutter.settings.test"

project = "django-cookiecutter"
author = "The django-cookiecutter maintainers"
copyright = "2026, the django-cookiecutter maintainers"
release = get_version("django-cookiecutter")
version = release

extensions = [
    "myst_parser",
    "sphinx_tabs.tabs",
    "sphinx.ext.doctest",
    "sphinx.ext.autodoc",
    "sphinxcontrib_django.docstrings",
    "cookbook.sphinx",
    "cookbook.commands.reference",
    "cookbook.models",
    "cookbook.api",
]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nitpicky = True
# Nothing is fetched while the site is built, so what belongs to other projects is named but not linked. Fields are
# listed by their model and have no place of their own.
nitpick_ignore_regex = [
    (r"py:.*", r"(celery|collections|datetime|django|rest_framework|rest_framework_simplejwt|typing|uuid)\..*"),
    (r"py:attr", r"apps\..*"),
]
autodoc_default_options = {
    "members": True,
    "show-inheritance": True,
    "member-order": "bysource",
    # Every model has these from Django.
    "exclude-members": "DoesNotExist, MultipleObjectsReturned, NotUpdated",
}
autodoc_typehints = "none"
add_module_names = False
toc_object_entries_show_parents = "hide"
exclude_patterns: list[str] = []

# In CI every block on the site needs fresh, green evidence; elsewhere its badge just says what is known.
cookbook_require_evidence = os.environ.get("COOKBOOK_REQUIRE_EVIDENCE") == "1"

sphinx_tabs_disable_tab_closing = True
# The engine's stylesheet draws the tabs in the theme's own colours, light and dark.
sphinx_tabs_disable_css_loading = True

html_theme = "furo"
html_favicon = "_static/favicon.svg"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_title = "django-cookiecutter"
html_show_sphinx = False
html_last_updated_fmt = None
# Both reach a contrast of 4.5:1 for every kind of token, comments included.
pygments_style = "default"
pygments_dark_style = "github-dark"
html_theme_options = {
    "source_repository": "https://github.com/Godfrey-Ndungu/django-cookiecutter/",
    "source_branch": "main",
    "source_directory": "docs/source/",
    "top_of_page_buttons": [],
}
html_copy_source = False
