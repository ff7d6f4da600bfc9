"""Tabs: one choice speaks for the whole page, by mouse, by keyboard and by a link into a tab."""

import pytest
from playwright.sync_api import Page, expect

from cookbook.recipe.manifest import Manifest

from .conftest import Visit

Recipes = dict[str, list[Manifest]]


@pytest.fixture
def tabbed(recipes: Recipes) -> Recipes:
    found = {path: manifests for path, manifests in recipes.items() if len(manifests) > 1}
    assert found, "No recipe has variants."
    return found


def check_choice(page: Page, manifest: Manifest, manifests: list[Manifest]) -> None:
    """Check that the page shows one variant, and nothing that belongs to another one only."""
    for family, label in manifest.variant.items():
        others = {other.variant[family] for other in manifests} - {label}
        chosen = page.locator('[role="tab"][aria-selected="true"]').all_inner_texts()
        assert label in chosen
        assert not others & set(chosen), f"{page.url}: {chosen}"
    shown = {step.name for step in manifest.steps}
    for name in {step.name for other in manifests for step in other.steps}:
        assert page.locator(f"#step-{name}").is_visible() == (name in shown), f"{manifest.id}: {name}"


def test_a_click_chooses_everywhere(visit: Visit, tabbed: Recipes) -> None:
    for path, manifests in tabbed.items():
        page = visit(path)
        check_choice(page, manifests[0], manifests)
        for manifest in [*manifests[1:], manifests[0]]:
            for label in manifest.variant.values():
                page.get_by_role("tab", name=label, exact=True).last.click()
            check_choice(page, manifest, manifests)


def test_keyboard_chooses(visit: Visit, tabbed: Recipes) -> None:
    path, manifests = next(iter(tabbed.items()))
    page = visit(path)
    first = page.get_by_role("tablist").first
    expect(first.locator('[tabindex="0"]')).to_have_count(1)
    first.get_by_role("tab").first.focus()
    page.keyboard.press("ArrowRight")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "the tab that has the focus is not outlined"
    page.keyboard.press("Enter")
    check_choice(page, manifests[1], manifests)
    for tabs in page.get_by_role("tablist").all():
        expect(tabs.locator('[tabindex="0"]')).to_have_attribute("aria-selected", "true")


def test_choice_is_kept_on_the_next_page(visit: Visit, tabbed: Recipes) -> None:
    (path, manifests), (other, others) = list(tabbed.items())[:2]
    page = visit(path)
    label = manifests[-1].variant["database"]
    page.get_by_role("tab", name=label, exact=True).first.click()
    page.goto(page.url.replace(path, other))
    (kept,) = (manifest for manifest in others if manifest.variant["database"] == label)
    check_choice(page, kept, others)


def test_link_into_a_tab_chooses_it(visit: Visit, tabbed: Recipes) -> None:
    for path, manifests in tabbed.items():
        step = next(step for step in manifests[-1].steps if step.tabs)
        page = visit(f"{path}#step-{step.name}")
        expect(page.locator(f"#step-{step.name}")).to_be_in_viewport()
        check_choice(page, manifests[-1], manifests)
        # The same by a link on the page that is open already.
        step = [step for step in manifests[0].steps if step.tabs][-1]
        page.evaluate(f"location.hash = 'step-{step.name}'")
        expect(page.locator(f"#step-{step.name}")).to_be_in_viewport()
        check_choice(page, manifests[0], manifests)


def test_without_scripts_everything_is_shown(browser, address: str, tabbed: Recipes) -> None:  # type: ignore[no-untyped-def]
    path, manifests = next(iter(tabbed.items()))
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + path)
    for name in {step.name for manifest in manifests for step in manifest.steps}:
        assert page.locator(f"#step-{name}").is_visible(), name
    assert page.locator(".cookbook-copy:visible").count() == 0, "a button that does nothing is shown"
    context.close()
