"""Every link and every file that a page names leads somewhere on the site."""

from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit


class Targets(HTMLParser):
    """Collects what a page links to, and the places on it that can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links and ids."""
        values = dict(attrs)
        self.ids |= {value for value in (values.get("id"), values.get("name") if tag == "a" else None) if value}
        if link := values.get("href") or values.get("src"):
            self.links.append(link)


def find_broken(html: Path) -> list[str]:
    """Return every link inside the site that leads nowhere."""
    pages = {path.relative_to(html).as_posix(): Targets(path.read_text()) for path in sorted(html.rglob("*.html"))}
    broken = []
    for name, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            folder = PurePosixPath(name).parent
            target = (html / folder / unquote(parts.path)).resolve() if parts.path else html.resolve() / name
            known = target.is_file() and target.is_relative_to(html.resolve())
            other = pages.get(target.relative_to(html.resolve()).as_posix()) if known else None
            # Furo's "back to top" and the skip link use "#", which is the page itself.
            if not known or (other is not None and parts.fragment and unquote(parts.fragment) not in other.ids):
                broken.append(f"{name}: {link}")
    return broken


def test_links_lead_somewhere(html: Path) -> None:
    assert find_broken(html) == []


def test_broken_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<p id="here"><a href="b.html#gone">b</a><a href="#here">a</a><img src="c.png">')
    (tmp_path / "b.html").write_text('<a href="a.html#here">a</a><a href="https://example.org/x">elsewhere</a>')
    assert find_broken(tmp_path) == ["a.html: b.html#gone", "a.html: c.png"]
