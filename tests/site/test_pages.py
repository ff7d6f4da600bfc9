"""Every page: fits the screen, is quiet, keeps to its own host, and is accessible in light and dark."""

from itertools import product

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from .conftest import Visit

# Every tab set on its last tab and every diff on its result: what a page hides when it is opened.
SWITCH = """
for (const tabs of document.querySelectorAll('[role="tablist"]')) tabs.lastElementChild.click();
for (const views of document.querySelectorAll(".cookbook-views")) views.lastElementChild.click();
"""


def test_page_fits_the_screen(visit: Visit, path: str) -> None:
    page = visit(path)
    for width, script in product((390, 1280), ("", SWITCH)):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(script)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        # A table that is cut off scrolls by itself on a wide screen; on a phone its cells stand below one another.
        ends = page.locator("table.cookbook-stacked").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect().right)"
        )
        assert all(right <= width for right in ends), f"{width} px"
        # What is cut off on the right cannot be clicked, even where nothing scrolls.
        ends = page.locator(".cookbook-head :is(button, a)").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect()).map(box => [box.left, box.right])"
        )
        assert all(left >= 0 and right <= width for left, right in ends), f"{width} px"


def find_violations(page: Page, *rules: str) -> list[str]:
    """Return what axe finds, by these rules or by all, that keeps somebody from reading or using the page."""
    options = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{one['impact']} {one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def test_page_is_accessible(visit: Visit, path: str) -> None:
    page = visit(path)
    # Half of a recipe is hidden when it is opened; a plain page shows all of itself.
    for script in ("", SWITCH) if page.locator(".cookbook-step").count() else ("",):
        page.evaluate(script)
        page.emulate_media(color_scheme="light")
        assert find_violations(page) == []
        # In the dark nothing but the colours is different.
        page.emulate_media(color_scheme="dark")
        assert find_violations(page, "color-contrast", "link-in-text-block") == []


def test_search_finds_a_recipe(visit: Visit) -> None:
    page = visit("search.html?q=RabbitMQ")
    found = page.locator("#search-results a[href*='replace_redis_with_rabbitmq']")
    found.first.wait_for()
    found.first.click()
    assert page.locator("h1").inner_text().startswith("Replace Redis with RabbitMQ")
