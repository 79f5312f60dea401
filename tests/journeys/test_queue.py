"""Who to call now: a missed call in two keys, a crisis from the first word to the review, a line that breaks."""

import re

import pytest
from playwright.sync_api import Page, expect

from clinics.roles import Role
from tests.journeys.conftest import SignIn
from tests.journeys.test_admission import choose, here, lead, send
from tests.journeys.test_intake import CRISIS
from tests.pages import FULL
from tests.site import Site

pytestmark = pytest.mark.browser


def queue(page: Page, site: Site) -> None:
    page.goto(f"{site.base_url}/clinics/{FULL}/queue/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Queue")


def test_a_missed_call_is_two_keys_and_the_next_call_is_logged_by_key(signed_in: SignIn, filled_site: Site) -> None:
    page = signed_in(Role.COORDINATOR)
    queue(page, filled_site)
    with page.expect_navigation():
        page.keyboard.press("m")
    expect(page.locator("input[name=phone]")).to_be_focused()
    page.keyboard.type("406 555 0166")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    here(page, "The missed call is in the queue.")
    row = page.locator("li.list-row", has_text="406 555 0166")
    expect(row).to_contain_text("Call within 15.")
    for _press in range(60):
        page.keyboard.press("j")
        if row.locator("a[data-row]").evaluate("node => node === document.activeElement"):
            break
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/inquiries/[0-9a-f-]{36}/$"))
    page.keyboard.press("l")
    expect(page.locator("#attempt")).to_be_in_viewport()
    page.locator("input[name=outcome][value=no_answer]").focus()
    page.keyboard.press("Space")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    here(page, "The attempt is logged.")
    here(page, "Tried once, not reached yet.")
    here(page, "Trying to reach")


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without any script"])
def test_a_crisis_is_handed_over_reviewed_and_let_go(signed_in: SignIn, filled_site: Site, script: bool) -> None:
    desk, clinician = signed_in(Role.COORDINATOR, script=script), signed_in(Role.THERAPIST, script=script)
    desk.goto(f"{filled_site.base_url}/clinics/{FULL}/intake/new/")
    choose(desk, "who", "family")
    desk.fill("input[name=phone]", "312 555 0155")
    desk.fill("textarea[name=words]", "He says he will not be here tomorrow.")
    choose(desk, "safety_answer", "yes")
    here(desk, CRISIS)
    send(desk, "Create intake")
    desk.wait_for_url(re.compile(r"/inquiries/[0-9a-f-]{36}/$"))
    inquiry = desk.url
    here(desk, "Held for safety")
    here(desk, "Do not leave them alone")
    expect(desk.get_by_role("button", name="Finish screening", exact=True)).to_have_count(0)
    with desk.expect_navigation():
        desk.locator("a[href$='/hand-over/']").first.click()
    therapist = clinician.locator(".person-button strong").first.inner_text()
    option = desk.locator("select[name=to] option", has_text=therapist).first.get_attribute("value")
    desk.select_option("select[name=to]", option)
    send(desk, "Hand over")
    here(desk, f"Handed over to {therapist}.")

    clinician.goto(inquiry)
    here(clinician, "He says he will not be here tomorrow.")
    with clinician.expect_navigation():
        clinician.locator("a[href$='/review/']").first.click()
    send(clinician, "Save the review")
    here(clinician, "Write what you found and what was done.")
    clinician.fill("textarea[name=rationale]", "Spoke with both. He is with his brother and wants to come in.")
    clinician.fill("input[name=next_check_on]", "2999-01-05")
    send(clinician, "Save the review")
    here(clinician, "The review is saved.")

    desk.goto(inquiry)
    expect(desk.get_by_text("Held for safety")).to_have_count(0)
    lead(desk, "Queue")


def test_a_line_that_breaks_loses_nothing_of_a_call(signed_in: SignIn, filled_site: Site) -> None:
    page = signed_in(Role.COORDINATOR)
    page.goto(f"{filled_site.base_url}/clinics/{FULL}/intake/new/")
    status = page.locator("#draft-status")
    page.fill("input[name=legal_name]", "Quill Amador")
    expect(status).to_have_attribute("data-state", "saved")
    page.context.set_offline(True)
    page.fill("textarea[name=words]", "The line went dead in the middle.")
    expect(status).to_have_attribute("data-state", "failed")
    here(page, "Not saved. Trying again when you next type.")
    expect(page.locator("textarea[name=words]")).to_have_value("The line went dead in the middle.")
    page.context.set_offline(False)
    page.fill("input[name=phone]", "312 555 0144")
    expect(status).to_have_attribute("data-state", "saved")
    page.goto(f"{filled_site.base_url}/clinics/{FULL}/intake/new/")
    with page.expect_navigation():
        page.get_by_role("link", name=re.compile("Quill Amador")).first.click()
    expect(page.locator("textarea[name=words]")).to_have_value("The line went dead in the middle.")
    expect(page.locator("input[name=phone]")).to_have_value("312 555 0144")
