"""Every component in every state: reachable, readable, inside the page, and without a word to the console."""

from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What axe cannot measure: texts in charts lie over shapes, selects carry an arrow image. test_tokens.py measures
# the colours of both.
UNMEASURED = "svg.chart text, select"


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, address: str, theme: str, width: int) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/styleguide/?theme={theme}")
    page.wait_for_load_state("networkidle")
    page.evaluate(AXE)
    result = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    assert [(found["id"], [node["target"] for node in found["nodes"]]) for found in result["violations"]] == []
    unsure = [
        node["target"][-1]
        for found in result["incomplete"]
        for node in found["nodes"]
        if not page.evaluate(
            "([target, known]) => document.querySelector(target).matches(known)", [node["target"][-1], UNMEASURED]
        )
    ]
    assert unsure == []
    assert said == []


@pytest.mark.parametrize("width", [1440, 600, 390, 320])
def test_nothing_scrolls_sideways(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/styleguide/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1440, 390])
def test_wider_text_spacing_clips_nothing(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/styleguide/")
    page.evaluate(  # WCAG 2.2, 1.4.12
        """() => {
          for (const node of document.querySelectorAll("main *, header *")) {
            node.style.lineHeight = "1.5";
            node.style.letterSpacing = "0.12em";
            node.style.wordSpacing = "0.16em";
          }
        }"""
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    clipped = page.evaluate(
        """() => [...document.querySelectorAll(".button, .badge, .chip, .segment > span, .rail-links a, h1, h2, h3, p")]
          .filter(node => node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).display !== "inline"
                          && !node.closest(".visually-hidden") && node.checkVisibility())
          .map(node => node.className + ": " + node.textContent.trim())"""
    )
    assert clipped == []


def test_states_differ_under_forced_colours(page: Page, address: str) -> None:
    page.emulate_media(forced_colors="active")
    page.goto(f"{address}/styleguide/")
    look = "e => { const s = getComputedStyle(e); return [s.backgroundColor, s.borderColor, s.borderWidth].join() }"
    chosen = page.locator("#forms ~ .with-side .segment input:checked + span").first.evaluate(look)
    other = page.locator("#forms ~ .with-side .segment input:not(:checked) + span").first.evaluate(look)
    assert chosen != other
    current = page.locator(".rail-links a[aria-current]").evaluate(look)
    assert current != page.locator(".rail-links a:not([aria-current])").first.evaluate(look)
    wrong = page.locator(".has-error input[name=number]").evaluate(look)
    assert wrong != page.locator("#id_number").evaluate(look)


def test_the_page_works_without_a_script(chromium_browser: object, address: str) -> None:
    context = chromium_browser.new_context(java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(f"{address}/styleguide/")
    page.click(".clinic-button")
    assert page.is_visible("#clinic-menu")
    page.keyboard.press("Escape")
    page.check("#id_importance_3", force=True)
    assert page.is_checked("#id_importance_3")
    context.close()


def test_printing_leaves_the_frame_out(page: Page, address: str) -> None:
    page.goto(f"{address}/styleguide/?theme=dark")
    page.emulate_media(media="print")
    for hidden in (".rail", ".page-actions", ".action-bar"):
        assert not page.is_visible(hidden)
    assert page.is_visible(".print-foot")
    assert page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(255, 255, 255)"


def test_the_skip_link_and_the_focus_ring(page: Page, address: str) -> None:
    page.goto(f"{address}/styleguide/")
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    assert skip.evaluate("e => e === document.activeElement && e.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
