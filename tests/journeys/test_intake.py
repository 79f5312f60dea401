"""A call is taken with the keyboard alone, and without any script; the crisis panel is there at once."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinics.roles import Role
from tests.journeys.conftest import SignIn
from tests.journeys.keyboard import SEEN
from tests.pages import FULL
from tests.site import Site

pytestmark = pytest.mark.browser

MOST_STEPS = 100
MOST_TABS = 30
CRISIS = "Stay on the line and get a clinician now"
WORDS = "I want to stop drinking before work, and I can't seem to do it alone."


@dataclass
class Hands:
    """Hands that count the keys by which one moves and chooses; letters that are typed are not counted."""

    page: Page
    steps: list[str] = field(default_factory=list)

    def press(self, *keys: str) -> None:
        """Press keys; after each one sees where one is."""
        for key in keys:
            self.page.keyboard.press(key)
            self.steps.append(key)
            assert not (lost := self.page.evaluate(SEEN)), f"{lost} after {key}"

    def tab_to(self, name: str) -> None:
        """Press Tab until the field has the focus."""
        for _press in range(MOST_TABS):
            if self.at() == name:
                return
            self.press("Tab")
        raise AssertionError(f"No Tab of {MOST_TABS} came to {name}.")

    def at(self) -> Any:
        """Return the name of the field that has the focus."""
        return self.page.evaluate("document.activeElement.name ?? document.activeElement.tagName")

    def type(self, name: str, text: str) -> None:
        """Go to a field and type."""
        self.tab_to(name)
        self.page.keyboard.type(text)


def this_year() -> int:
    return datetime.now(UTC).year


def new_intake(page: Page, site: Site) -> None:
    page.goto(f"{site.base_url}/clinics/{FULL}/intake/new/")
    expect(page.get_by_role("heading", level=1)).to_have_text("New intake")


def test_a_whole_call_is_taken_by_keyboard(
    signed_in: SignIn, filled_site: Site, record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    page = signed_in(Role.COORDINATOR)
    with page.expect_navigation():
        page.keyboard.press("g")
        page.keyboard.press("i")
    hands = Hands(page)
    expect(page.locator("input[name=who] >> nth=0")).to_be_focused()
    hands.press("Space")
    hands.type("phone", "312 555 0177")
    hands.type("words", WORDS)
    hands.press("Alt+ArrowDown")
    hands.type("legal_name", "Wilhelmina Oduya")
    hands.type("goes_by", "Mina")
    hands.type("pronouns", "she/her")
    for part, text in (("month", "3"), ("day", "14"), ("year", "1988")):
        hands.type(f"born_on_{part}", text)
    hands.type("postal_code", "60612")
    hands.press("Alt+ArrowDown")
    expect(page.get_by_text(CRISIS)).to_be_hidden()
    hands.press("Space", "ArrowRight")
    expect(page.locator("input[name=safety_answer][value=yes]")).to_be_checked()
    expect(page.get_by_text(CRISIS)).to_be_visible()
    hands.press("ArrowLeft")
    expect(page.get_by_text(CRISIS)).to_be_hidden()
    hands.press("Alt+ArrowDown")
    assert hands.at() == "ok_to_call"
    hands.press("ArrowRight")
    hands.tab_to("ok_voicemail")
    hands.press("ArrowLeft")
    hands.tab_to("ok_sms")
    hands.press("ArrowRight")
    hands.type("discreet_name", "Ana")
    expect(page.locator("#checklist li.done")).to_have_count(6)
    expect(page.locator("#left")).to_have_text("Nothing is left to ask")
    hands.press("Alt+ArrowDown")
    assert hands.at() == "SUMMARY"
    hands.press("Enter")
    hands.tab_to("substances")
    hands.press("Space")
    hands.tab_to("readiness")
    hands.press("7")
    expect(page.locator("input[name=readiness][value='7']")).to_be_checked()
    hands.press("Alt+ArrowUp", "Alt+ArrowDown")
    expect(page.locator("#draft-status")).to_have_attribute("data-state", "saved")
    hands.tab_to("substances")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
        hands.steps.append("Control+Enter")
    assert "/inquiries/" in page.url
    expect(page.get_by_text("is saved.").first).to_be_visible()
    expect(page.get_by_text(WORDS).first).to_be_visible()
    record_property("intake by keyboard: steps", len(hands.steps))
    with capsys.disabled():
        print(f"\nA whole call takes {len(hands.steps)} keystrokes of navigation; the goal is at most {MOST_STEPS}.")
    assert len(hands.steps) <= MOST_STEPS


def test_who_is_known_is_found_while_typing_and_picked_by_key(signed_in: SignIn, filled_site: Site) -> None:
    page = signed_in(Role.COORDINATOR)
    for expected in ("No possible", "1 possible"):
        new_intake(page, filled_site)
        page.keyboard.press("Space")
        hands = Hands(page)
        hands.type("phone", "312 555 0166")
        hands.press("Alt+ArrowDown")
        hands.type("legal_name", "Tobias Renn")
        expect(page.locator("#matches [role=status]")).to_contain_text(expected)
        if expected == "No possible":
            with page.expect_navigation():
                page.keyboard.press("Control+Enter")
    page.locator("#matches button[name=use]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#matches [role=status]")).to_contain_text("This intake is for Tobias Renn")
    expect(page.locator("#matches button[name=not_them]")).to_be_focused()
    expect(page.locator("#checklist [data-answer=legal_name]")).to_have_class("done")
    page.keyboard.press("Enter")
    expect(page.locator("#matches button[name=use]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#matches [role=status]")).to_contain_text("This intake is for Tobias Renn")
    page.locator("input[name=legal_name]").focus()
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert "/inquiries/" in page.url


def kept(page: Page, words: str) -> None:
    """Type what was said last, and wait until that stands in the draft."""
    with page.expect_response(lambda one: "/drafts/" in one.url and words in (one.request.post_data or "")):
        page.fill("textarea[name=words]", words)
    expect(page.locator("#draft-status")).to_have_attribute("data-state", "saved")


def test_two_calls_that_are_cut_off_are_found_again(signed_in: SignIn, filled_site: Site) -> None:
    page = signed_in(Role.COORDINATOR)
    new_intake(page, filled_site)
    page.check("input[name=who][value=family]", force=True)
    page.fill("input[name=caller_name]", "Ana Half-Heard")
    kept(page, "Cut off in the middle of")
    new_intake(page, filled_site)
    expect(page.locator("textarea[name=words]")).to_have_value("")
    kept(page, "Another call")
    new_intake(page, filled_site)
    unfinished = page.locator("section", has=page.locator("#unfinished"))
    unfinished.get_by_role("link", name="Ana Half-Heard").click()
    expect(page.locator("textarea[name=words]")).to_have_value("Cut off in the middle of")
    page.locator("button", has_text="Delete this draft").click()
    expect(page.locator("textarea[name=words]")).to_have_value("")
    expect(unfinished.get_by_text("Ana Half-Heard")).to_have_count(0)
    unfinished.get_by_role("link", name="Nobody named yet").first.click()
    expect(page.locator("textarea[name=words]")).to_have_value("Another call")
    page.locator("button", has_text="Delete this draft").click()
    expect(page.get_by_text("Unfinished intakes")).to_have_count(0)


def test_a_new_intake_opens_by_key_from_every_page(signed_in: SignIn, filled_site: Site) -> None:
    page = signed_in(Role.COORDINATOR)
    for path in ("queue/", "people/", "organisations/"):
        page.goto(f"{filled_site.base_url}/clinics/{FULL}/{path}")
        with page.expect_navigation():
            page.keyboard.press("Alt+n")
        assert page.url.endswith("/intake/new/")
    # While typing too; it writes no letter. In a window that asks for an answer it does nothing.
    page.goto(f"{filled_site.base_url}/clinics/{FULL}/find/?q=")
    page.locator("main input[name=q]").focus()
    page.keyboard.press("Control+k")
    page.keyboard.press("Alt+n")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("main input[name=q]").focus()
    with page.expect_navigation():
        page.keyboard.press("Alt+n")
    assert page.url.endswith("/intake/new/")
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("New intake, also while typing")


def test_the_key_does_nothing_for_who_takes_no_calls(signed_in: SignIn, filled_site: Site) -> None:
    page = signed_in(Role.THERAPIST)
    page.goto(f"{filled_site.base_url}/clinics/{FULL}/people/")
    page.keyboard.press("Alt+n")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    expect(page.locator("#keys")).not_to_contain_text("New intake")
    assert page.url.endswith("/people/")


@pytest.mark.parametrize("script", [True, False])
def test_what_a_court_and_an_employer_are_asked_stands_there_when_they_are_chosen(
    signed_in: SignIn, filled_site: Site, script: bool
) -> None:
    page = signed_in(Role.COORDINATOR, script=script)
    new_intake(page, filled_site)
    page.locator("summary", has_text="What can wait").click()
    justice, employer = page.locator("select[name=source_detail]"), page.locator("input[name=eap_vendor]")
    for choice, (asks_justice, asks_employer) in (
        ({"source": "7"}, (True, False)),
        ({"source": "5"}, (False, True)),
        ({"source": "1"}, (False, False)),
        ({"source": "", "organisation": "Cook Street Probation Office"}, (True, False)),
        ({"source": "", "organisation": "Steady Work Assistance"}, (False, True)),
    ):
        page.select_option("select[name=source]", choice["source"])
        if "organisation" in choice:
            page.select_option("select[name=organisation]", label=choice["organisation"])
        expect(justice).to_be_visible(visible=asks_justice)
        expect(employer).to_be_visible(visible=asks_employer)


@pytest.mark.parametrize("script", [True, False])
def test_what_only_some_are_asked_stands_there_when_it_is_needed(
    signed_in: SignIn, filled_site: Site, script: bool
) -> None:
    page = signed_in(Role.COORDINATOR, script=script)
    new_intake(page, filled_site)
    safe_way, guardian = page.locator("input[name=safe_way]"), page.locator("input[name=guardian_name]")
    beside = page.locator("summary", has_text="Parent or guardian")
    expect(safe_way).to_be_hidden()
    page.check("input[name=unsafe_at_home][value=yes]", force=True)
    expect(safe_way).to_be_visible()
    page.check("input[name=unsafe_at_home][value=no]", force=True)
    expect(safe_way).to_be_hidden()
    if not script:
        # Without a script nobody knows yet how old they are: the questions are one press away.
        beside.click()
        expect(guardian).to_be_visible()
        return
    expect(beside).to_be_hidden()
    for year, shows in ((1988, False), (this_year() - 15, True), (1988, True)):
        for part, text in (("month", "3"), ("day", "14"), ("year", str(year))):
            page.fill(f"input[name=born_on_{part}]", text)
        page.keyboard.press("Tab")
        # Once opened they stay, so that nothing that was typed is lost from sight.
        expect(guardian).to_be_visible(visible=shows)


def test_a_parent_who_calls_is_asked_about_the_guardian(signed_in: SignIn, filled_site: Site) -> None:
    page = signed_in(Role.COORDINATOR)
    new_intake(page, filled_site)
    page.check("input[name=who][value=family]", force=True)
    page.select_option("select[name=relation]", "friend")
    expect(page.locator("input[name=guardian_name]")).to_be_hidden()
    page.select_option("select[name=relation]", "parent")
    expect(page.locator("input[name=guardian_name]")).to_be_visible()


def test_a_call_is_taken_without_any_script(signed_in: SignIn, filled_site: Site) -> None:
    page = signed_in(Role.COORDINATOR, script=False)
    new_intake(page, filled_site)
    expect(page.locator("input[name=caller_name]")).to_be_hidden()
    page.check("input[name=who][value=family]", force=True)
    expect(page.locator("input[name=caller_name]")).to_be_visible()
    expect(page.get_by_text(CRISIS)).to_be_hidden()
    page.check("input[name=safety_answer][value=yes]", force=True)
    expect(page.get_by_text(CRISIS)).to_be_visible()
    page.fill("input[name=legal_name]", "Ilse Marrow")
    page.locator("[data-look]").click()
    expect(page.locator("#matches [role=status]")).to_contain_text("No possible")
    expect(page.locator("input[name=legal_name]")).to_have_value("Ilse Marrow")
    page.locator(".action-bar button.button-primary").click()
    expect(page.locator(".error-summary")).to_contain_text("Enter a number or an e-mail address")
    page.fill("input[name=phone]", "312 555 0155")
    page.locator(".action-bar button.button-primary").click()
    assert "/inquiries/" in page.url
