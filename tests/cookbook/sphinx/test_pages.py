"""What the inventory holds of a page: steps in order, variants, every block that is rendered."""

from cookbook.recipe.console import parse_session

from .conftest import Site

PAGE = """# Guide

```{recipe}
:needs: redis
```

Type `$ make run` first.

`````{tabs}
````{group-tab} PostgreSQL
```{run}
:name: ask-postgresql

$ echo one
one
```
````
````{group-tab} SQLite
Nothing to do.
````
`````

```{file} apps/new.py
:name: write-it
:executable:

NEW = 1
```

```{edit} settings.py
:name: change-it

diff --git a/settings.py b/settings.py
--- a/settings.py
+++ b/settings.py
@@ -1,3 +1,4 @@
 A = 1
-B = 2
+B = 3
+B2 = 3
 C = 3
```

```{run}
:name: start-it
:background:
:timeout: 5

$ python -m http.server
Serving ...
```

```{log} start-it
:name: watch-it

... GET ...
```

```{stop} start-it
:name: stop-it
```

```{testcode}
:name: print-it
print(2)
```

```{testoutput}
2
```

```{doctest}
:name: try-it

>>> 1 + 1
2
```

```sh
ls
```

```python
lost = True
```

```{sample} yaml
:reason: Only the cloud can run it.

cloud: true
```
"""


def test_manifests_follow_the_page(site: Site) -> None:
    site.page(PAGE)
    postgresql, sqlite = site.inventory().manifests
    assert [postgresql.id, sqlite.id] == ["guide[database=PostgreSQL]", "guide[database=SQLite]"]
    assert (postgresql.needs, sqlite.needs) == (("redis", "postgresql"), ("redis",))
    assert (postgresql.first, sqlite.first) == (True, False)
    names = ["write-it", "change-it", "start-it", "watch-it", "stop-it", "print-it", "try-it"]
    assert [step.name for step in sqlite.steps] == names
    assert [step.name for step in postgresql.steps] == ["ask-postgresql", *names]
    kinds = ["run", "file", "edit", "background", "log", "stop", "python", "python"]
    assert [step.kind for step in postgresql.steps] == kinds


def test_steps_hold_what_is_shown(site: Site) -> None:
    site.page(PAGE)
    steps = {step.name: step for step in site.inventory().manifests[0].steps}
    assert steps["ask-postgresql"].tabs == {"database": "PostgreSQL"}
    assert parse_session(steps["ask-postgresql"].text)[0].expected == ("one",)
    assert (steps["write-it"].path, steps["write-it"].text, steps["write-it"].executable) == (
        "apps/new.py",
        "NEW = 1",
        True,
    )
    assert steps["start-it"].timeout == 5
    assert (steps["watch-it"].target, steps["watch-it"].text) == ("start-it", "... GET ...")
    assert (steps["print-it"].examples[0].code, steps["print-it"].examples[0].expected) == ("print(2)\n", "2\n")
    assert (steps["try-it"].examples[0].code, steps["try-it"].examples[0].doctest) == ("1 + 1\n", True)


def test_lines_are_those_of_the_source(site: Site) -> None:
    site.page(PAGE)
    lines = PAGE.splitlines()
    for step in site.inventory().manifests[0].steps:
        assert lines[step.line - 1].startswith("```{"), step
        assert lines[step.line].endswith(f":name: {step.name}"), step


def test_every_rendered_block_is_listed(site: Site) -> None:
    site.page(PAGE)
    blocks = [block for block in site.inventory().blocks if block.docname == "guide"]
    listed = [(block.kind, block.step, block.text.splitlines()[0]) for block in blocks]
    assert listed == [
        ("command", None, "$ make run"),
        ("step", "ask-postgresql", "$ echo one"),
        ("step", "write-it", "NEW = 1"),
        ("step", "change-it", "diff --git a/settings.py b/settings.py"),
        ("step", "change-it", "A = 1"),
        ("step", "start-it", "$ python -m http.server"),
        ("step", "watch-it", "... GET ..."),
        ("step", "print-it", "print(2)"),
        ("step", "print-it", "2"),
        ("step", "try-it", ">>> 1 + 1"),
        ("command", None, "ls"),
        ("other", None, "lost = True"),
        ("sample", None, "cloud: true"),
    ]
    assert blocks[-1].reason == "Only the cloud can run it."
    lines = PAGE.splitlines()
    assert all(block.text.splitlines()[0].strip() in lines[block.line - 1] for block in blocks)


def test_clipboard_gets_what_runs(site: Site) -> None:
    site.page(PAGE)
    html = site.html()
    for copied in ("echo one&#10;", "NEW = 1&#10;", "A = 1&#10;B = 3&#10;B2 = 3&#10;C = 3&#10;", "1 + 1&#10;"):
        assert f'data-copy="{copied}"' in html, copied


def test_steps_are_link_targets(site: Site) -> None:
    site.page(PAGE)
    site.page("# Other\n\nSee {step}`guide/write-it`.\n", "other.md")
    assert 'id="step-write-it"' in site.html()
    assert 'href="guide.html#step-write-it"' in site.html("other")


def test_link_to_a_missing_step_fails_a_nitpicky_build(site: Site) -> None:
    site.page("# Other\n\nSee {step}`guide/missing`.\n", "other.md")
    done = site.build("html", "-n", "-W")
    assert done.returncode != 0
    assert "guide/missing" in done.stderr


def test_an_edited_file_that_changes_makes_its_page_read_again(site: Site) -> None:
    site.page(PAGE)
    assert site.problems() == []
    (site.root / "reference_project" / "settings.py").write_text("A = 1\nOTHER = 2\nC = 3\n")
    (problem,) = set(site.problems())
    assert "Hunk 1 of 1" in problem[1]
