"""What a page says of itself: from the evidence alone, and only while it still fits."""

import re

import pytest

from cookbook.recipe.evidence import CheckEvidence

from .conftest import Site

PAGE = """# Guide

```{recipe}
```

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

```{run}
:name: say-hello

$ echo hello
hello
```
"""


def badges(html: str) -> dict[str, str]:
    """Return the badge of each step."""
    found = {}
    for part in html.split('id="step-')[1:]:
        name = part[: part.index('"')]
        found[name] = re.search(r"cookbook-status cookbook-(\w+)", part)[1]  # type: ignore[index]
    return found


def read_text(html: str) -> str:
    """Return what a reader reads: no tags, each run of white space as one blank."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_without_evidence_nothing_is_verified(site: Site) -> None:
    site.page(PAGE)
    html = site.html()
    assert badges(html) == {"ask-postgresql": "unverified", "say-hello": "unverified"}
    assert "Not run yet" in html


def test_evidence_makes_badges(site: Site) -> None:
    site.page(PAGE)
    for manifest in site.inventory().manifests:
        site.record(manifest)
    html = site.html()
    assert badges(html) == {"ask-postgresql": "verified", "say-hello": "verified"}
    text = read_text(html)
    assert "2 of 2 variants ran against a fresh copy of the reference project on 2026-01-02" in text
    assert "PostgreSQL 18.6, Django 5.2.19, Python 3.11.7" in text


def test_database_is_the_one_that_the_connection_reported(site: Site) -> None:
    site.page(PAGE)
    postgresql, sqlite = site.inventory().manifests
    site.record(postgresql, connection={"vendor": "PostgreSQL", "version": "15.2"})
    site.record(sqlite, connection={"vendor": "SQLite", "version": "3.40.1"})
    text = read_text(site.html())
    assert "PostgreSQL 18.6 (the connection said 15.2), Django" in text
    assert "SQLite 3.40.1, Django" in text


def test_what_the_page_does_not_show_is_told(site: Site) -> None:
    site.page(PAGE)
    for manifest in site.inventory().manifests:
        hidden = {"URL": "http://a"} if manifest.needs else {}
        site.record(manifest, environment=hidden)
    text = read_text(site.html())
    assert "PostgreSQL ran here with URL=http://a in the environment, which the page does not ask you for." in text
    assert "SQLite ran here with" not in text


def test_whole_suite_and_smoke_set_are_told_apart(site: Site) -> None:
    check = '[[check]]\nname = "tests"\ncommand = "pytest"\nsmoke = "pytest -m smoke"\n'
    (site.root / "conf" / "cookbook.toml").write_text(f'reference = "reference_project"\n{check}')
    site.page(PAGE)
    for manifest, command, tests in zip(
        site.inventory().manifests, ("pytest", "pytest -m smoke"), (200, 15), strict=True
    ):
        ran = CheckEvidence(name="tests", command=command, outcome="passed", duration=1, tests=tests)
        site.record(manifest, checks=(ran,))
    text = read_text(site.html())
    assert "all 200" in text
    assert "15 (smoke)" in text


def test_new_evidence_rewrites_a_page_that_is_not_read_again(site: Site) -> None:
    site.page(PAGE)
    site.html()
    doctree = site.root / "build" / "doctrees" / "guide.doctree"
    before = doctree.stat().st_mtime_ns
    for manifest in site.inventory().manifests:
        site.record(manifest)
    assert badges(site.html())["say-hello"] == "verified"
    assert doctree.stat().st_mtime_ns == before


def test_one_variant_missing_is_not_verified(site: Site) -> None:
    site.page(PAGE)
    site.record(site.inventory().manifests[0])
    assert badges(site.html()) == {"ask-postgresql": "verified", "say-hello": "unverified"}


def test_changed_step_is_stale_and_so_is_what_follows(site: Site) -> None:
    site.page(PAGE)
    for manifest in site.inventory().manifests:
        site.record(manifest)
    site.page(PAGE.replace("one", "two"))
    assert badges(site.html()) == {"ask-postgresql": "stale", "say-hello": "stale"}


def test_moved_paragraph_makes_nothing_stale(site: Site) -> None:
    site.page(PAGE)
    for manifest in site.inventory().manifests:
        site.record(manifest)
    site.page(PAGE.replace("# Guide\n", "# Guide\n\nA new paragraph.\n"))
    assert set(badges(site.html()).values()) == {"verified"}


def test_changed_reference_project_makes_all_stale(site: Site) -> None:
    site.page(PAGE)
    for manifest in site.inventory().manifests:
        site.record(manifest)
    site.html()
    (site.root / "reference_project" / "settings.py").write_text("A = 2\n")
    assert set(badges(site.html()).values()) == {"stale"}


def test_failed_step(site: Site) -> None:
    site.page(PAGE)
    postgresql, sqlite = site.inventory().manifests
    site.record(postgresql)
    site.record(sqlite, outcome="failed")
    assert badges(site.html()) == {"ask-postgresql": "verified", "say-hello": "failed"}


def test_server_that_was_missing(site: Site) -> None:
    site.page(PAGE)
    postgresql, sqlite = site.inventory().manifests
    site.record(sqlite)
    site.record(postgresql, not_run=True, steps=(), reason="PostgreSQL is missing.")
    html = site.html()
    assert badges(html) == {"ask-postgresql": "not_run", "say-hello": "not_run"}
    assert "PostgreSQL is missing." in html


def test_failed_check_makes_the_recipe_red(site: Site) -> None:
    site.page(PAGE)
    postgresql, sqlite = site.inventory().manifests
    site.record(postgresql)
    site.record(sqlite, failed_check=True)
    html = site.html()
    assert badges(html) == {"ask-postgresql": "verified", "say-hello": "verified"}
    assert "cookbook-status cookbook-failed" in html


@pytest.mark.parametrize("require", ["0", "1"])
def test_gate(site: Site, require: str) -> None:
    site.page(PAGE)
    done = site.build("html", "-W", "--keep-going", REQUIRE=require)
    assert (done.returncode != 0) == (require == "1")
    if require == "1":
        assert "guide.md:11: WARNING: unverified: never run" in done.stderr.replace(str(site.root), "")


def test_gate_lets_verified_pages_through(site: Site) -> None:
    site.page(PAGE)
    for manifest in site.inventory().manifests:
        site.record(manifest)
    done = site.build("html", "-W", "--keep-going", REQUIRE="1")
    assert done.returncode == 0, done.stderr


def test_gate_stops_a_block_that_is_no_step(site: Site) -> None:
    site.page(PAGE + "\n```python\nlost = True\n```\n")
    for manifest in site.inventory().manifests:
        site.record(manifest)
    done = site.build("html", "-W", "--keep-going", REQUIRE="1")
    assert done.returncode != 0
    assert "neither a step, an excerpt nor a sample" in done.stderr


def test_report_lists_every_block(site: Site) -> None:
    site.page(PAGE)
    site.page("# Report\n\n```{verification-report}\n```\n", "report.md")
    html = site.html("report")
    assert "0 of the 2 blocks that this site shows are verified" in html
    for manifest in site.inventory().manifests:
        site.record(manifest)
    html = site.html("report")
    assert "2 of the 2 blocks that this site shows are verified" in html
    text = read_text(html)
    assert re.search(r"docs/source/guide\.md .*ask-postgresql line 11 \$ echo one Status: ✓ verified", text)
    assert "Verified by: PostgreSQL, SQLite" in text
    assert 'href="guide.html#step-ask-postgresql"' in html


def test_summary_counts_what_the_evidence_holds(site: Site) -> None:
    needs = '[postgresql]\nlabel = "PostgreSQL"\nkind = "server"\n[curl]\nlabel = "curl"\nkind = "program"\n'
    (site.root / "conf" / "services.toml").write_text(needs)
    site.page(PAGE.replace("`````{tabs}", "At the end it is done.\n\n`````{tabs}", 1))
    site.page("# Start\n\n```{verification-summary}\n```\n", "start.md")
    text = read_text(site.html("start"))
    assert "0 of 2 blocks verified : no recipe has a fresh run that passed." in text
    assert "Guide ○ unverified At the end it is done." in text
    postgresql, sqlite = site.inventory().manifests
    site.record(postgresql, servers={"PostgreSQL": "18.6", "curl": "8.1"})
    assert "The 1 recipes ran" not in read_text(site.html("start"))
    site.record(sqlite, connection={"vendor": "SQLite", "version": "3.40.1"})
    text = read_text(site.html("start"))
    assert "2 of 2 blocks verified on PostgreSQL 18.6, SQLite 3.40.1, with Django 5.2.19 and Python 3.11.7." in text
    assert "2 of 2 runs passed, the last on 2026-01-02 ." in text
    assert "Guide ✓ verified" in text


def test_summary_follows_the_contents(site: Site) -> None:
    for name in ("zebra", "ant", "stray"):
        site.page(PAGE.replace("# Guide", f"# The {name}").replace("ask-postgresql", f"ask-{name}"), f"{name}.md")
    contents = "```{toctree}\n:caption: Animals\n\nzebra\nant\n```\n"
    site.page(f"# Start\n\n```{{verification-summary}}\n```\n\n{contents}", "index.md")
    text = read_text(site.html("index"))
    assert re.search(r"passed\. Animals The zebra .* The ant .* The stray ", text)
