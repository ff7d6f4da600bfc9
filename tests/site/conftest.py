"""The built site, what the engine knows of it, and a browser that notes everything that goes wrong."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from cookbook.recipe.coverage import digest_steps
from cookbook.recipe.evidence import Evidence, read_evidence
from cookbook.recipe.manifest import Inventory, Manifest, read_inventory
from cookbook.recipe.repository import Repository, open_repository

from .serving import HTML, ROOT, find_chromium, serve, start_browser

Visit = Callable[..., Page]


def list_pages() -> list[str]:
    """Return the site's pages; where it is not built, one that the fixture ``html`` then misses."""
    return sorted(str(path.relative_to(HTML)) for path in HTML.rglob("*.html")) or ["index.html"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that asks for ``path`` every page of the site."""
    if "path" in metafunc.fixturenames:
        metafunc.parametrize("path", list_pages())


@pytest.fixture(scope="session")
def html() -> Path:
    if not (HTML / "index.html").is_file():
        pytest.fail(f"There is no site in {HTML}. Build it: make docs.")
    return HTML


@pytest.fixture(scope="session")
def repository() -> Repository:
    return open_repository(ROOT)


@pytest.fixture(scope="session")
def inventory(repository: Repository) -> Inventory:
    if not (repository.inventory / "blocks.json").is_file():
        pytest.fail(f"There is no inventory in {repository.inventory}. Make it: cookbook list.")
    inventory = read_inventory(repository.inventory)
    assert inventory.manifests, "The inventory holds no recipe."
    return inventory


@pytest.fixture(scope="session")
def recipes(inventory: Inventory) -> dict[str, list[Manifest]]:
    """The manifests of each recipe, the one that the page shows at first before the others, by the page's path."""
    found: dict[str, list[Manifest]] = {}

    def find_place(manifest: Manifest) -> tuple[bool, int]:
        return not manifest.first, min((step.line for step in manifest.steps if step.tabs), default=0)

    for manifest in sorted(inventory.manifests, key=find_place):
        path = Path(manifest.page).relative_to("docs/source").with_suffix(".html")
        found.setdefault(path.as_posix(), []).append(manifest)
    return found


@pytest.fixture(scope="session")
def evidence(repository: Repository) -> dict[str, Evidence]:
    return read_evidence(repository.evidence)


@pytest.fixture(scope="session")
def digests(repository: Repository, inventory: Inventory) -> dict[str, dict[str, str]]:
    return digest_steps(repository, inventory.manifests)


@pytest.fixture(scope="session")
def address(html: Path) -> Iterator[str]:
    with serve(html) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = find_chromium()
    if executable is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(
            "Chromium is missing. On Debian or Ubuntu: apt-get install chromium"
        )
    with start_browser(executable) as browser:
        yield browser


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    """Opens a page of the site; at the end of the test, whatever went wrong in the browser fails it."""
    contexts, troubles = [], []

    def open_page(path: str, *, width: int = 1280) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            permissions=["clipboard-read", "clipboard-write"],
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5000)

        def note_request(url: str) -> None:
            if urlsplit(url).scheme != "data" and not url.startswith(address):
                troubles.append(f"{path} asks another host: {url}")

        page.on("request", lambda request: note_request(request.url))
        page.on("pageerror", lambda error: troubles.append(f"{path}: {error}"))
        page.on(
            "console",
            lambda message: (
                troubles.append(f"{path}: console {message.type}: {message.text} ({message.location['url']})")
                if message.type in ("error", "warning")
                else None
            ),
        )
        page.goto(address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not troubles
