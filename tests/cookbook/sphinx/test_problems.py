"""Bad input on a page: each mistake names its line, what was found, and what to write instead."""

import pytest

from .conftest import Site, make_site

HEAD = "# Guide\n\n```{recipe}\n```\n\n"  # the first step's fence stands on line 6
EDIT = """```{edit} settings.py
:name: change-it

diff --git a/settings.py b/settings.py
--- a/settings.py
+++ b/settings.py
@@ -1,3 +1,3 @@
 A = 1
-B = 2
+B = 3
 C = 3
```
"""


MISTAKES = [
    ("```{run}\n:name: a\n:colour: red\n\n$ true\n```", 6, "no option `:colour:`", "`:background:`"),
    ("```{run}\n\n$ true\n```", 6, "has no name", ":name:"),
    ("```{run}\n:name: Start It\n\n$ true\n```", 6, "'Start It' is no step name", "lower case"),
    ("```{run}\n:name: a\n\ntrue\n```", 6, "'true'", "`$ `"),
    ("```{run}\n:name: a\n\n$ ls\n...\n```", 6, "only `...`", "at least one line"),
    ("```{run}\n:name: a\n:background:\n\n$ sleep 9\n```", 6, "0 line(s)", "ready"),
    ("```{run}\n:name: a\n:network: internet\n\n$ true\n```", 6, "internet", "host"),
    ("```{run}\n:name: a\n:timeout: soon\n\n$ true\n```", 6, "soon", "seconds"),
    ("```{file} /etc/passwd\n:name: a\n\nx\n```", 6, "/etc/passwd", "relative"),
    ("```{file} a/../../b\n:name: a\n\nx\n```", 6, "a/../../b", "relative"),
    ("```{file} a.py\n:name: a\n```", 6, "empty", "content"),
    ("```{file} settings.py\n:name: a\n\nx\n```", 6, "there already", "edit"),
    (
        "```{edit} missing.py\n" + EDIT.split("\n", 1)[1].replace("settings.py", "missing.py"),
        6,
        "not there",
        "file",
    ),
    ("```{edit} setings.py\n" + EDIT.split("\n", 1)[1].replace("settings", "setings"), 6, "settings.py", "file"),
    (EDIT.replace("-B = 2", "-B = 4"), 6, "Hunk 1 of 1", "context"),
    (
        EDIT.replace("diff --git a/settings.py b/settings.py\n", ""),
        6,
        "starts with '--- a/settings.py'",
        "diff --git",
    ),
    (
        "```{edit} settings.py\n--- a/settings.py\n+++ b/settings.py\n@@ -1 +1 @@\n-A\n+B\n```",
        6,
        "'---",
        "diff --git",
    ),
    ("```{log} start-it\n:name: a\n\nready\n```", 6, "No background step 'start-it'", "above"),
    ("```{stop} start-it\n:name: a\n```", 6, "No background step 'start-it'", "above"),
    ("```{testcode}\nprint(1)\n```", 6, "has no name", ":name:"),
    ("```{testoutput}\n1\n```", 7, "no `testcode`", "below"),
    ("```{testcode}\n:name: a\n\nprint(1)\n```\n\n```{testoutput}\n...\n```", 12, "only `...`", "at least one line"),
    ("```{sample} sh\nls\n```", 6, "no reason", ":reason:"),
]


@pytest.fixture(scope="module")
def site_of_mistakes(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Build all mistakes at once, a page each: Sphinx's start costs more than a page."""
    site = make_site(tmp_path_factory.mktemp("site"))
    for number, (block, *_rest) in enumerate(MISTAKES):
        site.page(HEAD + block + "\n", f"mistake{number}.md")
    site.inventory()
    return site


@pytest.mark.parametrize("number", range(len(MISTAKES)))
def test_mistake_is_told(site_of_mistakes: Site, number: int) -> None:
    _block, line, found, instead = MISTAKES[number]
    (problem,) = site_of_mistakes.read_problems(f"mistake{number}.md")
    assert problem[0] == line
    assert found in problem[1] + problem[2]
    assert instead in problem[2]


def test_empty_recipe(site: Site) -> None:
    site.page(HEAD)
    assert [(line, found) for line, found, _ in site.problems()] == [(3, "The recipe has no step.")]


def test_step_on_a_page_that_is_no_recipe(site: Site) -> None:
    site.page("# Page\n\n```{run}\n:name: a\n\n$ true\n```\n")
    assert site.problems()[0][0] == 3


def test_duplicate_step_name(site: Site) -> None:
    run = "```{run}\n:name: a\n\n$ true\n```\n\n"
    site.page(HEAD + run + run)
    (problem,) = site.problems()
    assert "'a' is used already at line 6" in problem[1]


def test_two_steps_create_the_same_file(site: Site) -> None:
    site.page(HEAD + "```{file} a.py\n:name: a\n\nx\n```\n\n```{file} a.py\n:name: b\n\ny\n```\n")
    (problem,) = site.problems()
    assert problem[0] == 12
    assert "line 6" in problem[1]


def tabs(*labels: str, name: str = "say") -> str:
    panels = "".join(
        f"````{{group-tab}} {label}\n```{{run}}\n:name: {name}-{label.lower()}\n\n$ true\n```\n````\n"
        for label in labels
    )
    return f"`````{{tabs}}\n{panels}`````\n\n"


@pytest.mark.parametrize(
    ("blocks", "line", "found"),
    [
        (tabs("PostgreSQL", "Oracle"), 7, "'Oracle'"),
        (tabs("PostgreSQL", "Redis"), 7, "mix"),
        (tabs("PostgreSQL"), 7, "only database tab"),
        (tabs("PostgreSQL", "SQLite") + tabs("PostgreSQL", name="again"), 24, "show PostgreSQL;"),
    ],
)
def test_tabs_that_are_no_variants(site: Site, blocks: str, line: int, found: str) -> None:
    site.page(HEAD + blocks)
    problems = site.problems()
    assert problems[0][0] == line
    assert found in problems[0][1]


def test_a_page_with_a_problem_gives_no_manifest(site: Site) -> None:
    site.page(HEAD + "```{run}\n:name: a\n\n$ true\n```\n\n```{run}\n:name: a\n\n$ true\n```\n")
    assert site.inventory().manifests == ()


def test_problem_fails_a_strict_build(site: Site) -> None:
    site.page(HEAD)
    done = site.build("html", "-W", "--keep-going")
    assert done.returncode != 0
    assert "guide.md:3" in done.stderr
