"""Somebody stands at the desk, is assessed, accepted and admitted; and the therapist reads what they said."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from clinics.roles import Role
from tests.clients.admission import ANSWERS, WHOLE
from tests.journeys.conftest import SignIn
from tests.pages import FULL
from tests.site import Site

pytestmark = pytest.mark.browser

WORDS = "I would like to wake up without counting."


def choose(page: Page, name: str, value: str) -> None:
    """Choose one of a row of buttons."""
    page.locator(f"input[name={name}][value='{value}']").check(force=True)


def send(page: Page, name: str) -> None:
    """Press a button and wait for the next page."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).first.click()


def lead(page: Page, name: str) -> None:
    """Follow a link."""
    with page.expect_navigation():
        page.get_by_role("link", name=name, exact=True).first.click()


def here(page: Page, words: str) -> None:
    expect(page.get_by_text(words).first).to_be_visible()


def take_in(page: Page, site: Site, name: str, phone: str) -> str:
    """Take in somebody who stands at the desk; return the address of their inquiry."""
    page.goto(f"{site.base_url}/clinics/{FULL}/people/")
    lead(page, "Somebody is here")
    choose(page, "who", "person")
    page.fill("input[name=phone]", phone)
    page.fill("textarea[name=words]", WORDS)
    page.fill("input[name=legal_name]", name)
    for part, text in (("month", "2"), ("day", "28"), ("year", "1990")):
        page.fill(f"input[name=born_on_{part}]", text)
    choose(page, "safety_answer", "no")
    page.locator("summary", has_text="What can wait").click()
    page.locator("input[name=unsafe_at_home][value=no]").check(force=True)
    page.select_option("select[name=source]", "1")
    page.locator("input[name=substances][value=alcohol]").check(force=True)
    choose(page, "last_use", "today")
    choose(page, "readiness", "7")
    send(page, "Create intake")
    page.wait_for_url(re.compile(r"/inquiries/[0-9a-f-]{36}/$"))
    return page.url


def write_assessment(page: Page) -> None:
    """Write a whole assessment and sign it."""
    for key, text in WHOLE.sections.items():
        page.fill(f"textarea[name=section_{key}]", text)
    page.select_option("select[name=substance_1]", "2")
    page.select_option("select[name=route_1]", "1")
    page.select_option("select[name=frequency_1]", "3")
    page.fill("input[name=first_use_1]", "not known")
    for key, rating in WHOLE.ratings.items():
        choose(page, f"rating_{key}", str(rating))
        page.fill(f"textarea[name=rationale_{key}]", WHOLE.rationales[key])
    choose(page, "level", "outpatient")
    page.fill("textarea[name=level_reasons]", WHOLE.level_reasons)
    send(page, "Save, then sign")
    here(page, "What stands above is final once you sign.")
    send(page, "Sign the assessment")
    here(page, "The assessment is signed.")


@pytest.mark.parametrize(
    ("script", "name", "phone", "hour"),
    # In the evening, when the demonstration has nothing booked.
    [(True, "Ottilie Brandt", "312 555 0188", "19:00"), (False, "Wren Abara", "312 555 0177", "20:00")],
    ids=["with scripts", "without any script"],
)
def test_from_the_desk_to_the_therapist_s_first_page(
    signed_in: SignIn, filled_site: Site, script: bool, name: str, phone: str, hour: str
) -> None:
    desk, clinician = signed_in(Role.COORDINATOR, script=script), signed_in(Role.THERAPIST, script=script)
    inquiry = take_in(desk, filled_site, name, phone)
    send(desk, "Finish screening")
    lead(desk, "Book the assessment")
    therapist = clinician.locator(".person-button strong").first.inner_text()
    option = desk.locator("select[name=therapist] option", has_text=therapist).first.get_attribute("value")
    desk.select_option("select[name=therapist]", option)
    day = datetime.now(ZoneInfo("America/Chicago")).date()
    desk.fill("input[name=start_on]", str(day + timedelta(days=1)))
    desk.fill("input[name=start_time]", hour)
    send(desk, "Book it")
    here(desk, "The assessment is booked.")

    clinician.goto(inquiry)
    send(clinician, "Write the assessment")
    write_assessment(clinician)
    lead(clinician, "Decide")
    choose(clinician, "outcome", "accepted")
    clinician.select_option("select[name=program]", label="Outpatient")
    clinician.fill("textarea[name=reason]", "Fits what they want.")
    send(clinician, "Save the decision")
    here(clinician, "The decision is saved.")

    desk.goto(inquiry)
    lead(desk, "Make the admission ready")
    admit = desk.url
    choose(desk, "answer", "signed")
    send(desk, "Record it")
    here(desk, "The notice is recorded as given.")
    lead(desk, "They sign the consent to treatment")
    desk.fill("textarea[name=description]", "Counseling here.")
    desk.locator("input[name=open_ended]").check(force=True)
    desk.locator("form button.button-primary").first.click()
    desk.wait_for_url("**/sign/")
    choose(desk, "signer", "self")
    desk.fill("input[name=signed_name]", name)
    desk.check("input[name=agrees]")
    send(desk, "Sign the consent")

    desk.goto(admit)
    choose(desk, "identity_check", "photo_id")
    desk.fill("input[name=start_on]", str(day + timedelta(days=3)))
    desk.fill("input[name=start_time]", hour)
    for key, code in ANSWERS.items():
        field = desk.locator(f"[name={key}]")
        if field.evaluate("node => node.tagName") == "SELECT":
            field.select_option(str(code))
        else:
            field.fill(str(code))
    if script:
        field.press("Tab")
        expect(desk.locator("#ready")).to_contain_text("Nothing is missing.")
    send(desk, "Admit")
    here(desk, "is admitted.")

    clinician.goto(desk.url)
    expect(clinician.get_by_role("heading", level=1)).to_contain_text(name)
    here(clinician, WORDS)
    here(clinician, "In their own words")
