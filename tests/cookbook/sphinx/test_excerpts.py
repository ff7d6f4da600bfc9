"""Excerpts: lines of the project by name or marker, in both kinds of page, and the badge that their run gives them."""

import re

import pytest

from cookbook.recipe.excerpts import FileLines, SuiteEvidence, digest_file, write_suite
from cookbook.recipe.manifest import Excerpt
from cookbook.sphinx.excerpts import find_cut

from .conftest import Site, make_site
from .test_badges import read_text

SOURCE = '''"""A module."""

LIMIT = 3


class Shelf:
    """Holds books."""

    def put(self, book):
        # Start of the check.
        if len(self.books) < LIMIT:
            self.books.append(book)

            return True
        # End of the check.
        return False
'''
PATH = "../../reference_project/apps/shelf.py"
METHOD = "def put(self, book):\n    # Start of the check.\n    if len(self.books) < LIMIT:"


def write_excerpt(*options: str, path: str = PATH, rst: bool = False) -> str:
    """Return an excerpt as a page writes it."""
    if rst:
        return "\n   ".join([f".. literalinclude:: {path}", *options]) + "\n"
    return "\n".join([f"```{{literalinclude}} {path}", *options, "```"]) + "\n"


STATEMENTS = """@cache
@other(
    1,
)
def f(
    a,
    b=2,
):
    # comment
    '''Does it.

    At once.'''

    if (
        a
        and b
    ):
        return g(
            1,
        )
    with (
        a as b,
        c,
    ):
        # comment
        pass
    match a:
        case 1:
            x = 1
"""
# Line by line: where the statement begins that the line does not begin, if it is within one.
WITHIN = {2: 1, 3: 1, 4: 1, 5: 1, 6: 1, 7: 1, 11: 10, 12: 10, 15: 14, 16: 14, 19: 18, 20: 18, 22: 21, 23: 21}


@pytest.mark.parametrize("line", range(1, len(STATEMENTS.splitlines()) + 1))
def test_line_within_a_statement_is_told_from_one_that_begins_it(line: int) -> None:
    assert find_cut(STATEMENTS, line) == WITHIN.get(line)


@pytest.fixture
def shelf(site: Site) -> Site:
    """A site whose project has a module to show."""
    (site.root / "reference_project" / "apps" / "shelf.py").write_text(SOURCE)
    return site


def record(site: Site, *missing: int) -> None:
    """Leave what a run of the project's tests would that executed all statements but these."""
    executed = tuple(line for line in (3, 6, 9, 11, 12, 14, 16) if line not in missing)
    source = site.root / "reference_project" / "apps" / "shelf.py"
    lines = FileLines(digest=digest_file(source), executed=executed, missing=missing)
    evidence = SuiteEvidence(by="tox run -e py311", when="2026-01-02T03:04:05Z", files={"apps/shelf.py": lines})
    write_suite(site.root / "build" / "evidence", evidence)


def find_badges(html: str) -> list[str]:
    return re.findall(r"cookbook-status cookbook-(\w+)", html)


@pytest.mark.parametrize("rst", [False, True])
@pytest.mark.parametrize(
    ("options", "first", "last", "start"),
    [
        ([":pyobject: Shelf.put"], 9, 16, METHOD),
        ([":start-after: Start of the check", ":end-before: End of the check"], 11, 14, "if len("),
        ([":start-at: self.books.append", ":end-at: return True"], 12, 14, "self.books.append(book)\n\nreturn True"),
        ([":pyobject: Shelf", ":start-at: return False"], 16, 16, "return False"),
        ([":end-before: class Shelf"], 1, 3, '"""A module."""\n\nLIMIT = 3'),
        ([":start-after: self.books.append"], 14, 16, "    return True\n"),
        ([], 1, 16, '"""A module."""'),
    ],
)
def test_lines_are_chosen_by_name_or_marker(
    shelf: Site, options: list[str], first: int, last: int, start: str, rst: bool
) -> None:
    title = "Page\n====\n\n" if rst else "# Page\n\n\n"
    shelf.page(title + write_excerpt(*options, rst=rst), "page.rst" if rst else "page.md")
    (block,) = shelf.inventory().blocks
    assert (block.kind, block.line, block.language) == ("excerpt", 4, "python")
    assert block.excerpt == Excerpt(path="apps/shelf.py", first=first, last=last)
    assert block.text.startswith(start)
    assert [line.strip() for line in block.text.splitlines()] == [
        line.strip() for line in SOURCE.splitlines()[first - 1 : last]
    ]


def test_each_excerpt_has_its_own_line(shelf: Site) -> None:
    one, other = write_excerpt(":pyobject: Shelf.put"), write_excerpt(":pyobject: Shelf")
    shelf.page(f"# Page\n\n{one}\ntext\n\n{other}", "page.md")
    assert [block.line for block in shelf.inventory().blocks] == [3, 9]


LONG = "../../reference_project/apps/long.py"
MISTAKES = [
    ([":lines: 3-5"], PATH, "`:lines:`", "`:pyobject:`"),
    ([":pyobject: Shelf", ":lineno-match:"], PATH, "`:lineno-match:`", "`:pyobject:`"),
    ([":pyobject: Shelf", ":emphasize-lines: 2"], PATH, "`:emphasize-lines:`", "`:pyobject:`"),
    ([":diff: ../../reference_project/settings.py"], PATH, "`:diff:`", "`edit`"),
    ([":pyobject: Shelf", ":prepend: x"], PATH, "no option `:prepend:`", "`:pyobject:`"),
    ([], LONG, "all 31 lines", "`:pyobject:`"),
    ([":pyobject: Shelf.take"], PATH, "Shelf.take", "marker"),
    ([":start-after: no such line"], PATH, "no such line", "marker"),
    ([":start-after: return False"], PATH, "is empty", "lines between"),
    ([":start-at: 2,"], "../../reference_project/apps/cut.py", "line 2 of apps/cut.py", "begins"),
    ([], "../../reference_project/apps/gone.py", "is not there", "reference_project"),
    ([], "conf.py", "conf.py lies outside reference_project", "tests"),
    ([], "../../reference_project/../conf/tabs.toml", "lies outside", "tests"),
    ([], "../../reference_project/Dockerfile", "not Python", "`run`"),
    ([], "", "names no file", "relative"),
]


@pytest.fixture(scope="module")
def site_of_mistakes(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Build all mistakes at once, a page each, in both kinds of page."""
    site = make_site(tmp_path_factory.mktemp("site"))
    reference = site.root / "reference_project"
    (reference / "apps" / "shelf.py").write_text(SOURCE)
    (reference / "apps" / "long.py").write_text("A = 1\n" * 31)
    (reference / "apps" / "cut.py").write_text("A = (1,\n     2,\n     3)\n")
    (reference / "Dockerfile").write_text("FROM scratch\n")
    for number, (options, path, *_rest) in enumerate(MISTAKES):
        site.page("# Page\n\n\n" + write_excerpt(*options, path=path), f"markdown{number}.md")
        site.page("Page\n====\n\n" + write_excerpt(*options, path=path, rst=True), f"text{number}.rst")
    site.inventory()
    return site


@pytest.mark.parametrize("name", ["markdown{}.md", "text{}.rst"])
@pytest.mark.parametrize("number", range(len(MISTAKES)))
def test_mistake_is_told(site_of_mistakes: Site, number: int, name: str) -> None:
    _options, _path, found, instead = MISTAKES[number]
    (problem,) = site_of_mistakes.read_problems(name.format(number))
    assert problem[0] == 4
    assert found in problem[1]
    assert instead in problem[2]


def test_as_many_lines_as_allowed_need_no_selection(site: Site) -> None:
    (site.root / "reference_project" / "apps" / "shelf.py").write_text("A = 1\n" * 30)
    site.page("# Page\n\n" + write_excerpt(), "page.md")
    assert site.problems("page.md") == []


def test_badge_says_what_the_run_said(shelf: Site) -> None:
    shelf.page("# Page\n\n" + write_excerpt(":pyobject: Shelf.put"), "page.md")
    shelf.page("# Report\n\n```{verification-report}\n```\n", "report.md")
    assert find_badges(shelf.html("page")) == ["unverified"]
    record(shelf)
    html = shelf.html("page")
    assert find_badges(html) == ["verified"]
    assert "From apps/shelf.py" in read_text(html)
    assert 'data-copy="def put(self, book):&#10;    # Start' in html
    assert "excerpt line 3 apps/shelf.py Status: ✓ verified Verified by: tox run -e py311" in read_text(
        shelf.html("report")
    )
    record(shelf, 12, 14)
    assert find_badges(shelf.html("page")) == ["unverified"]
    assert "no test executed lines 12, 14 of apps/shelf.py" in read_text(shelf.html("report"))


def test_changed_file_makes_the_excerpt_stale_and_shows_its_new_lines(shelf: Site) -> None:
    shelf.page("# Page\n\n" + write_excerpt(":start-after: Start of", ":end-at: append"), "page.md")
    record(shelf)
    assert find_badges(shelf.html("page")) == ["verified"]
    source = shelf.root / "reference_project" / "apps" / "shelf.py"
    source.write_text(SOURCE.replace("append(book)", "append(book.title)"))
    html = shelf.html("page")
    assert find_badges(html) == ["stale"]
    assert 'self.books.append(book.title)&#10;"' in html


def test_excerpt_in_a_recipe_stands_beside_its_steps(shelf: Site) -> None:
    step = "```{recipe}\n```\n\n```{run}\n:name: say\n\n$ true\n```\n\n"
    shelf.page("# Guide\n\n" + step + write_excerpt(":pyobject: Shelf.put"))
    record(shelf)
    assert find_badges(shelf.html())[-2:] == ["unverified", "verified"]
    (manifest,) = shelf.inventory().manifests
    assert [one.name for one in manifest.steps] == ["say"]


@pytest.mark.parametrize("recorded", [False, True])
def test_gate_wants_the_lines_executed(shelf: Site, recorded: bool) -> None:
    step = "```{recipe}\n```\n\n```{run}\n:name: say\n\n$ true\n```\n\n"
    shelf.page("# Guide\n\n" + step + write_excerpt(":pyobject: Shelf.put"))
    for manifest in shelf.inventory().manifests:
        shelf.record(manifest)
    if recorded:
        record(shelf)
    done = shelf.build("html", "-W", "--keep-going", REQUIRE="1")
    assert (done.returncode == 0) == recorded, done.stderr
    assert ("guide.md:12: WARNING: unverified: no run of the project's tests" in done.stderr) != recorded
