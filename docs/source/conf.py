"""Configuration of the site. The engine lives in the package `cookbook`; nothing is computed here but paths."""

import os
from importlib.metadata import version as get_version

project = "django-cookiecutter"
author = "The django-cookiecutter maintainers"
copyright = "2026, the django-cookiecutter maintainers"
release = get_version("django-cookiecutter")
version = release

extensions = [
    "myst_parser",
    "sphinx_tabs.tabs",
    "sphinx.ext.doctest",
    "cookbook.sphinx",
    "cookbook.commands.reference",
]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nitpicky = True
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
