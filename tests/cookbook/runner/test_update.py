"""``verify --update`` writes what happened onto the page, and nothing where the page would hide a failure."""

import json
import os
import subprocess
import sys

import pytest

PAGE = """\
# Toy

```{recipe}
```

1. In a list, inside of tabs:

   `````{tabs}
   ````{group-tab} SQLite
   ```{run}
   :name: greet

   $ cat greeting.txt
   goodbye
   world
   $ echo 1; echo two; echo 3
   1
   ...
   3
   $ echo broken; exit 3
   wrong
   [3]
   ```
   ````
   ````{group-tab} MariaDB
   Nothing is run here.
   ````
   `````

2. In Python:

   ```{testcode}
   :name: count

   print(6 * 7)
   ```
   ```{testoutput}
   41
   ```

   ```{doctest}
   :name: reckon

   >>> 1 + 1
   3
   >>> for n in (1, 2):
   ...     print(n)
   1
   2
   >>> 2 + 2
   5
   ```
"""

RIGHT = (
    PAGE.replace("goodbye", "hello")
    .replace("   wrong\n", "   broken\n")
    .replace("   41\n", "   42\n")
    .replace("   3\n   >>> for", "   2\n   >>> for")
    .replace("   5\n   ```", "   4\n   ```")
)


@pytest.fixture
def page(bench):
    """A page of a site of its own."""
    bench.write("conf/tabs.toml", "[database]\nSQLite = []\nMariaDB = []\n")
    bench.write("docs/conf.py", 'extensions = ["myst_parser", "sphinx_tabs.tabs", "cookbook.sphinx"]\n')
    bench.write("docs/index.md", "# Site\n\n```{toctree}\nhow_to/toy\n```\n")
    return bench.write("docs/how_to/toy.md", PAGE)


def verify(bench, *arguments, check, **variables):
    command = [sys.executable, "-m", "cookbook.commands", "verify", "--repository", str(bench.root), *arguments]
    environment = {key: value for key, value in os.environ.items() if key != "CI"} | variables
    done = subprocess.run(command, cwd=bench.root, env=environment, capture_output=True, text=True, timeout=100)
    assert done.returncode == check, done.stdout + done.stderr
    return done


def test_the_page_shows_what_happened(bench, page):
    verify(bench, check=1)
    told = verify(bench, "--update", check=0)
    assert page.read_text() == RIGHT
    for line in ("--- a/docs/how_to/toy.md", "-   goodbye", "+   hello", "+   42"):
        assert line in told.stdout.splitlines()
    assert "Then verify again" in told.stdout
    evidence = bench.root / "build" / "evidence" / "toy[database=SQLite].json"
    assert json.loads(evidence.read_text())["outcome"] == "failed"
    verify(bench, check=0)
    assert "No output has to be changed." in verify(bench, "--update", check=0).stdout


def test_a_wrong_exit_status_is_left_to_the_writer(bench, page):
    page.write_text(PAGE.replace("[3]", "[4]"))
    told = verify(bench, "--update", "--variant", "database=SQLite", check=1)
    assert page.read_text() == PAGE.replace("[3]", "[4]")
    assert "ended with exit status 3; the page expects 4" in told.stdout


def test_an_exception_is_no_output(bench, page):
    page.write_text(PAGE.replace("print(6 * 7)", "print(1 / 0)"))
    verify(bench, "--update", check=1)
    assert page.read_text().count("41") == 1
    assert "hello" in page.read_text()


def test_in_ci_it_is_refused(bench, page):
    told = verify(bench, "--update", check=2, CI="true")
    assert "never written" in told.stderr
    assert page.read_text() == PAGE


def test_variants_that_disagree_are_told(bench, page):
    tabs = "````{tabs}\n```{group-tab} SQLite\nOne.\n```\n```{group-tab} MariaDB\nTwo.\n```\n````\n"
    set_it = (
        "`````{tabs}\n````{group-tab} SQLite\n```{run}\n:name: one\n\n$ export COLOUR=red\n```\n````\n"
        "````{group-tab} MariaDB\n```{run}\n:name: two\n\n$ export COLOUR=blue\n```\n````\n`````\n"
    )
    show = "```{run}\n:name: show\n\n$ echo $COLOUR\ngreen\n```\n"
    page.write_text(f"# Toy\n\n```{{recipe}}\n```\n\n{tabs}\n{set_it}\n{show}")
    told = verify(bench, "--update", check=1)
    assert "step show prints different things in different variants" in told.stderr
    assert "green" in page.read_text()


def test_what_a_tab_adds_to_the_environment_is_there_and_in_the_evidence(bench, page):
    bench.write(
        "conf/tabs.toml", '[database]\nSQLite = { needs = [], environment = { HELLO = "there" } }\nMariaDB = []\n'
    )
    page.write_text(
        "# Toy\n\n```{recipe}\n```\n\n````{tabs}\n"
        + "".join(
            f"```{{group-tab}} {label}\n{{}}\n```\n".replace(
                "{}", f'~~~{{run}}\n:name: say-{number}\n\n$ echo "<${{HELLO:-}}>"\n{said}\n~~~'
            )
            for number, (label, said) in enumerate([("SQLite", "<there>"), ("MariaDB", "<>")])
        )
        + "````\n"
    )
    verify(bench, check=0)
    folder = bench.root / "build" / "evidence"
    assert json.loads((folder / "toy[database=SQLite].json").read_text())["environment"] == {"HELLO": "there"}
    assert json.loads((folder / "toy[database=MariaDB].json").read_text())["environment"] == {}
