"""What people do in a day, by keyboard alone, in a real browser; and the same forms without any script."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from clinics.roles import Role
from tests.chromium import SignIns
from tests.journeys.conftest import SignIn
from tests.journeys.keyboard import follow, tab_to, write
from tests.pages import FULL, login_of
from tests.sessions.invented import as_csv, rows_of
from tests.site import Site

pytestmark = pytest.mark.browser

NOTE = "Talked about evenings. She wants to call her sister on Fridays."
# Forty minutes pass for everybody who is signed in, so that the next signature asks again who it is.
TIME_PASSES = """
from importlib import import_module
from django.conf import settings
from django.contrib.sessions.models import Session
store = import_module(settings.SESSION_ENGINE).SessionStore
for row in Session.objects.all():
    kept = store(row.session_key)
    for one in kept.get("account_authentication_methods", []):
        one["at"] -= 2400
    kept["account_authentication_methods"] = kept.get("account_authentication_methods", [])
    kept.save()
"""


def confirm(page: Page, doors: SignIns, role: Role) -> None:
    """Prove again who it is, with a code."""
    expect(page.locator("input[name=code], input[name=password]").first).to_be_visible()
    if page.locator("input[name=code]").count() == 0:
        follow(page, "main a[href*='2fa/reauthenticate']")
    write(page, "input[name=code]", doors.code(login_of(FULL, role)))
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_therapist_records_signs_and_adds(signed_in: SignIn, doors: SignIns, filled_site: Site) -> None:
    page = signed_in(Role.THERAPIST)
    follow(page, "a[data-row][href$='/record/']")
    tab_to(page, "input[name=attendance]")
    page.keyboard.press("Space")
    for ruler, digit in (("importance", "7"), ("confidence", "4"), ("readiness", "6")):
        page.focus(f"input[name={ruler}] >> nth=0")
        page.keyboard.press(digit)
        expect(page.locator(f"input[name={ruler}][value='{digit}']")).to_be_checked()
    tab_to(page, "textarea[name=note]")
    page.keyboard.press("Control+A")
    page.keyboard.type(NOTE)
    expect(page.locator("#record-status")).to_have_attribute("data-state", "saved")
    filled_site.run_manage("shell", "--no-imports", "-c", TIME_PASSES)
    follow(page, ".action-bar button[name=sign]")
    if not page.url.endswith("/sign/"):
        confirm(page, doors, Role.THERAPIST)
    follow(page, "main aside button.button-primary")
    if "/accounts/" in page.url:
        confirm(page, doors, Role.THERAPIST)
        follow(page, "main aside button.button-primary")
    expect(page.get_by_role("heading", name="Signature")).to_be_visible()
    expect(page.get_by_text(NOTE)).to_be_visible()
    follow(page, "a[href$='/addendum/']")
    tab_to(page, "input[name=kind]")
    page.keyboard.press("Space")
    write(page, "textarea[name=text]", "She called on Friday.")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    expect(page.locator("article.addendum")).to_contain_text("She called on Friday.")


def free_hour(now: datetime) -> datetime:
    """Return a time just over, outside the hours of work."""
    at = now - timedelta(hours=3)
    return at.replace(hour=0, minute=1) if 8 <= at.hour < 20 else at


def test_a_coordinator_books_and_marks(signed_in: SignIn) -> None:
    page = signed_in(Role.COORDINATOR)
    page.keyboard.press("Control+k")
    page.keyboard.type("jordan")
    expect(page.locator("#palette-rows [role=option]", has_text="Jordan").first).to_be_visible()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Jordan")
    at = free_hour(datetime.now(ZoneInfo("America/Chicago")))
    follow(page, "a[href$='/appointments/new/']")
    write(page, "input[name=start_on]", f"{at:%m%d%Y}")
    write(page, "input[name=start_time]", f"{at:%I%M%p}")
    tab_to(page, "select[name=therapist]")
    page.keyboard.type("Sam")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    # The one just booked: whichever else stands first depends on the hour.
    page.get_by_role("link", name=re.compile(f"Attendance.*{at:%-I:%M}")).first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(page, "input[name=attendance], select[name=attendance]")
    page.keyboard.press("Space")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    expect(page.locator(".badge", has_text="Attended").first).to_be_visible()


def test_a_supervisor_reads_the_numbers_and_a_transcript(signed_in: SignIn) -> None:
    page = signed_in(Role.SUPERVISOR)
    tab_to(page, "details.numbers summary")
    page.keyboard.press("Enter")
    expect(page.locator("details.numbers[open] table").first).to_be_visible()
    page.keyboard.press("Home")
    follow(page, "a[href*='/transcripts/']")
    expect(page.get_by_role("heading", level=1)).to_have_count(1)


def test_the_palette_opens_by_key_and_leads_to_a_person(signed_in: SignIn) -> None:
    page = signed_in(Role.COORDINATOR)
    page.keyboard.press("Control+k")
    expect(page.locator("#palette input[role=combobox]")).to_be_focused()
    page.keyboard.type("jordan")
    row = page.locator("#palette-rows [role=option]", has_text="Jordan").first
    expect(row).to_be_visible()
    expect(row).to_have_attribute("aria-selected", "true")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Jordan")


def test_the_theme_is_chosen_by_key_and_kept(signed_in: SignIn) -> None:
    page = signed_in(Role.CODER)
    tab_to(page, ".person-button")
    page.keyboard.press("Enter")
    tab_to(page, "input[name=theme]")
    with page.expect_response(lambda answer: answer.url.endswith("/preferences/")):
        page.keyboard.press("ArrowRight")
    chosen = page.locator("html").get_attribute("data-theme")
    assert chosen in ("light", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", chosen)


def test_an_administrator_invites_and_ends_a_role(signed_in: SignIn) -> None:
    page = signed_in(Role.ADMINISTRATOR)
    follow(page, "a[href$='/admin/invitations/add/']")
    write(page, "input[name=email]", "sol@mail.example")
    write(page, "input[name=name]", "Sol Winter")
    tab_to(page, "select[name=role]")
    page.keyboard.press("ArrowDown")
    follow(page, "main [type=submit], #content [type=submit]")
    expect(page.get_by_text("sol@mail.example").first).to_be_visible()
    page.goto(page.url.split("/admin/")[0] + "/admin/memberships/")
    row = page.locator("#result_list tbody tr", has_text="Priya Nair")
    row.locator("input.action-select").focus()
    page.keyboard.press("Space")
    page.select_option("select[name=action]", label="End the role now")
    follow(page, ".actions button[type=submit]")
    expect(page.locator(".messagelist, .messages").first).to_be_visible()


def test_a_coder_imports_a_file_and_opens_its_transcript(signed_in: SignIn, filled_site: Site) -> None:
    page = signed_in(Role.CODER)
    page.goto(f"{filled_site.base_url}/clinics/{FULL}/practice/import/")
    page.set_input_files(
        "input[name=file]", {"name": "noon.csv", "mimeType": "text/csv", "buffer": as_csv(rows_of("journey"))}
    )
    follow(page, "main form button.button-primary")
    worker = filled_site.start_worker()
    expect(page.get_by_text("Every coding is scored and locked.")).to_be_visible(timeout=60_000)
    worker.stop()
    follow(page, "main a.button-primary[href$='/practice/']")
    follow(page, "main a[href*='/transcripts/']")
    expect(page.get_by_text("Noon could work.").first).to_be_visible()


def test_a_session_is_recorded_without_any_script(signed_in: SignIn) -> None:
    page = signed_in(Role.THERAPIST, script=False)
    page.locator("a[data-row][href$='/record/']").first.click()
    page.check("input[name=attendance] >> nth=0", force=True)
    page.fill("textarea[name=note]", NOTE)
    page.locator(".action-bar button.button-primary").click()
    expect(page.get_by_text(NOTE)).to_be_visible()
