"""What a reader copies is what ran: every copy button of every recipe, clicked and read back."""

from playwright.sync_api import Locator, Page, expect

from cookbook.recipe.console import clipboard_text, parse_session
from cookbook.recipe.manifest import Manifest, Step
from cookbook.recipe.patch import parse_patch

from .conftest import Visit


def find_copied(step: Step) -> list[str]:
    """Return what the buttons of a step must copy, in their order on the page."""
    if step.kind in ("run", "background"):
        return [clipboard_text(parse_session(step.text))]
    if step.kind == "python":
        return ["".join(example.code for example in step.examples)]
    if step.kind == "file":
        return [step.text + "\n"]
    if step.kind == "edit":
        return [step.text + "\n", parse_patch(step.path or "", step.text).result().rstrip("\n") + "\n"]
    return []


def copy(page: Page, button: Locator) -> str:
    """Click a button and return what is on the clipboard then."""
    page.evaluate("navigator.clipboard.writeText('nothing was copied')")
    button.click()
    expect(button).to_have_text("Copied")
    return page.evaluate("navigator.clipboard.readText()")


def test_every_copy_button_copies_what_ran(visit: Visit, recipes: dict[str, list[Manifest]]) -> None:
    for path, manifests in recipes.items():
        page = visit(path)
        seen: set[str] = set()
        buttons = 0
        for manifest in manifests:
            for label in manifest.variant.values():
                page.get_by_role("tab", name=label, exact=True).first.click()
            for step in manifest.steps:
                if step.name in seen:
                    continue
                seen.add(step.name)
                box = page.locator(f"#step-{step.name}")
                expected = find_copied(step)
                buttons += len(expected)
                for index, text in enumerate(expected):
                    if index:
                        box.get_by_role("button", name="Result", exact=True).click()
                    assert copy(page, box.locator(".cookbook-copy").nth(index)) == text, f"{manifest.id}::{step.name}"
        assert page.locator(".cookbook-copy").count() == buttons, path


def test_copy_button_works_by_keyboard_and_says_so(visit: Visit, recipes: dict[str, list[Manifest]]) -> None:
    page = visit(next(iter(recipes)))
    page.evaluate("navigator.clipboard.writeText('nothing was copied')")
    button = page.locator(".cookbook-copy:visible").first
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_text("Copied")
    expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()") == button.get_attribute("data-copy")
    expect(button).to_have_text("Copy")
