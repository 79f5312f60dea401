"""What our own scripts do: keys, rulers, drafts, one submit, appearance, palette. Answers of the server are set here."""

import re

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

pytestmark = pytest.mark.browser

ROWS = (
    '<a class="palette-row" role="option" id="palette-row-1" aria-selected="false" href="#one">Jordan</a>'
    '<a class="palette-row" role="option" id="palette-row-2" aria-selected="false" href="#two">New intake</a>'
)


@pytest.fixture
def styleguide(page: Page, address: str) -> Page:
    """Return the styleguide with its sample form made a draft that saves to /draft/."""
    page.goto(f"{address}/styleguide/")
    page.wait_for_load_state("networkidle")
    page.evaluate(
        """() => {
          const shown = document.querySelector("form[data-ctrl-enter]");
          const form = shown.cloneNode(true);
          form.dataset.draftUrl = "/draft/";
          form.dataset.draftStatus = "head-status";
          form.action = "/sent/";
          delete form.dataset.started;
          for (const ruler of form.querySelectorAll("[data-ruler]")) delete ruler.dataset.started;
          shown.replaceWith(form);
          form.dispatchEvent(new CustomEvent("htmx:load", {bubbles: true, detail: {elt: form.parentElement}}));
        }"""
    )
    return page


def answer_draft(page: Page, *statuses: int) -> list[str]:
    """Answer the calls that save a draft, one status each, the last one again and again; return their bodies."""
    bodies: list[str] = []

    def handle(route: Route) -> None:
        assert route.request.headers["x-csrftoken"]
        bodies.append(route.request.post_data or "")
        status = statuses[min(len(bodies), len(statuses)) - 1]
        route.fulfill(status=status, headers={"X-Saved-At": "4:12 p.m."})

    page.route("**/draft/", handle)
    return bodies


def test_a_digit_answers_the_ruler_that_has_the_focus(styleguide: Page) -> None:
    styleguide.focus("#id_readiness_0")
    styleguide.keyboard.press("7")
    expect(styleguide.locator("#id_readiness_7")).to_be_checked()
    expect(styleguide.locator("#id_readiness [data-ruler-moved]")).to_have_text("Up 3 since last session.")
    expect(styleguide.locator("#id_readiness [data-ruler-ask]")).to_have_text("Ask: why a 7 and not a 4?")
    styleguide.keyboard.press("1")
    styleguide.keyboard.press("0")
    expect(styleguide.locator("#id_readiness_10")).to_be_checked()
    expect(styleguide.locator("#id_readiness_10")).to_be_focused()


def test_a_draft_is_saved_once_when_typing_stops(styleguide: Page) -> None:
    bodies = answer_draft(styleguide, 200)
    styleguide.locator("#id_reason").press_sequentially("I want mornings back", delay=20)
    expect(styleguide.locator("#head-status")).to_have_attribute("data-state", "saved")
    expect(styleguide.locator("#head-status [data-save-time]")).to_have_text("4:12 p.m.")
    assert len(bodies) == 1
    assert "I want mornings back" in bodies[0]


def test_a_draft_that_fails_says_so_and_holds_the_page(styleguide: Page) -> None:
    answer_draft(styleguide, 500, 200)
    asked: list[str] = []

    def refuse(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    styleguide.on("dialog", refuse)
    styleguide.locator("#id_number").press_sequentially("312")
    expect(styleguide.locator("#head-status")).to_have_attribute("data-state", "failed")
    expect(styleguide.locator("#head-status .state-failed")).to_be_visible()
    styleguide.evaluate("setTimeout(() => location.assign('/livez'))")
    styleguide.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    styleguide.locator("#id_number").press_sequentially("5")
    expect(styleguide.locator("#head-status")).to_have_attribute("data-state", "saved")
    styleguide.evaluate("setTimeout(() => location.assign('/livez'))")
    styleguide.wait_for_url("**/livez")
    assert asked == ["beforeunload"]


def test_a_form_is_sent_once(styleguide: Page) -> None:
    sent: list[str] = []
    held: list[Route] = []

    def hold(route: Route) -> None:
        sent.append(route.request.method)
        held.append(route)

    styleguide.route("**/sent/", hold)
    busy = styleguide.evaluate(
        """async () => {
          const button = document.querySelector(".action-bar .button-primary");
          button.click();
          await new Promise(done => setTimeout(done, 50));
          button.click();
          return button.getAttribute("aria-busy");
        }"""
    )
    styleguide.wait_for_timeout(200)
    assert busy == "true"
    assert sent == ["POST"]
    held[0].fulfill(status=204)


def test_ctrl_enter_sends_the_form_one_types_in(styleguide: Page) -> None:
    answer_draft(styleguide, 200)
    styleguide.route("**/sent/", lambda route: route.fulfill(status=200, body="sent", content_type="text/plain"))
    styleguide.focus("#id_number")
    styleguide.keyboard.press("Control+Enter")
    styleguide.wait_for_url("**/sent/")


def test_the_theme_changes_at_once_and_is_kept_by_the_server(styleguide: Page) -> None:
    kept: list[str] = []

    def keep(route: Route) -> None:
        kept.append(route.request.post_data or "")
        route.fulfill(status=204)

    styleguide.route("**/preferences/", keep)
    styleguide.click(".person-button")
    styleguide.check('input[name="theme"][value="dark"]', force=True)
    expect(styleguide.locator("html")).to_have_attribute("data-theme", "dark")
    styleguide.wait_for_timeout(100)
    assert re.search(r'name="theme"\s+dark', kept[0])
    assert 'name="csrfmiddlewaretoken"' in kept[0]
    styleguide.uncheck("#single-keys")
    styleguide.wait_for_timeout(100)
    assert 'name="single_keys"' not in kept[1]
    expect(styleguide.locator("html")).not_to_have_attribute("data-single-keys", re.compile(".*"))


def test_single_keys_work_outside_inputs_and_can_be_switched_off(styleguide: Page) -> None:
    keys = styleguide.locator("#keys")
    styleguide.focus("#id_number")
    styleguide.keyboard.press("?")
    expect(keys).to_be_hidden()
    styleguide.focus("#main")
    styleguide.keyboard.press("?")
    expect(keys).to_be_visible()
    styleguide.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    styleguide.keyboard.press("g")
    styleguide.keyboard.press("f")
    assert styleguide.url.endswith("#charts")
    styleguide.evaluate("document.documentElement.removeAttribute('data-single-keys')")
    styleguide.keyboard.press("?")
    expect(keys).to_be_hidden()


def test_j_and_k_walk_the_rows(styleguide: Page) -> None:
    rows = styleguide.locator("[data-rows] a[data-row]")
    styleguide.focus("#main")
    styleguide.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    styleguide.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    styleguide.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()


def test_the_palette_is_a_combobox(styleguide: Page) -> None:
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=200, body=ROWS, content_type="text/html")

    styleguide.route("**/styleguide/?q=*", answer)
    styleguide.keyboard.press("Control+k")
    box = styleguide.locator("#palette [role=combobox]")
    expect(box).to_be_focused()
    box.press_sequentially("jor", delay=20)
    styleguide.wait_for_timeout(300)
    assert asked[-1].endswith("?q=jor")
    assert len(asked) <= 3, "typing is waited for"
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(box).to_have_attribute("aria-activedescendant", "palette-row-1")
    styleguide.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "palette-row-2")
    expect(styleguide.locator("#palette-row-2")).to_have_attribute("aria-selected", "true")
    styleguide.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "palette-row-1")
    styleguide.keyboard.press("Enter")
    assert styleguide.url.endswith("#one")


def test_a_palette_that_gets_no_answer_says_so(styleguide: Page) -> None:
    styleguide.route("**/styleguide/?q=*", lambda route: route.abort())
    styleguide.keyboard.press("Control+k")
    expect(styleguide.locator("[data-palette-status]")).to_contain_text("did not answer")


def test_a_fragment_that_fails_is_told_and_the_content_stays(styleguide: Page) -> None:
    styleguide.route("**/poll/", lambda route: route.fulfill(status=500, body="no"))
    styleguide.evaluate(
        """() => {
          const row = document.getElementById("job-1");
          row.setAttribute("hx-get", "/poll/");
          row.setAttribute("hx-trigger", "click");
          htmx.process(row);
          row.click();
        }"""
    )
    expect(styleguide.locator("#notice")).to_be_visible()
    expect(styleguide.locator("#job-1")).to_contain_text("Import of transcripts")


def test_the_dialog_asks_once_and_closes_on_escape(styleguide: Page) -> None:
    styleguide.click("[data-dialog-open=sample-dialog]")
    expect(styleguide.locator("#sample-dialog")).to_be_visible()
    styleguide.keyboard.press("Escape")
    expect(styleguide.locator("#sample-dialog")).to_be_hidden()
