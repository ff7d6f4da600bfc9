"""Takes the README's picture from the built site: one verified step. By hand: python -m tests.site.picture."""

import sys

from playwright.sync_api import expect

from .serving import HTML, ROOT, find_chromium, serve, start_browser

PAGE = "how_to/change_the_database.html"
STEP = "step-test-on-postgresql"
PICTURE = ROOT / "docs" / "source" / "_static" / "verified_step.png"
LIMIT = 120 * 1024  # a README is read on slow lines too
WIDTH = 760
MARGIN = 24


def main() -> None:
    """Take the picture; refuse one of a step that is not verified."""
    executable = find_chromium() or sys.exit("Chromium is missing. On Debian or Ubuntu: apt-get install chromium")
    with serve(HTML) as address, start_browser(executable) as browser:
        # The page's own margins are added to the width of the picture; at this width no sidebar takes room.
        page = browser.new_page(viewport={"width": WIDTH + 2 * MARGIN, "height": 900}, device_scale_factor=2)
        page.goto(f"{address}{PAGE}")
        step = page.locator(f"#{STEP}")
        expect(step.locator(".cookbook-status")).to_have_class("cookbook-status cookbook-verified")
        # What explains the step stands in the list item around it.
        box = step.locator("xpath=ancestor::li[1]").bounding_box()
        assert box is not None
        clip = {
            "x": box["x"] - MARGIN,
            "y": box["y"] - MARGIN / 2,
            "width": box["width"] + 2 * MARGIN,
            "height": box["height"] + MARGIN,
        }
        page.screenshot(path=PICTURE, full_page=True, clip=clip)  # type: ignore[arg-type]
    size = PICTURE.stat().st_size
    if size > LIMIT:
        sys.exit(f"{PICTURE} has {size} bytes, more than {LIMIT}. Choose a smaller step.")
    print(f"{PICTURE}: {size} bytes")


if __name__ == "__main__":
    main()
