"""Letting something out by the pages: what permits it, what will go, handing it over once, and the accounting."""

import json
from typing import Any

import pytest
from django.test import Client as Browser

from clients import disclosure as way_out
from clients.models import Consent, Disclosure, DisclosurePackage
from clients.rules.disclosure import NOTICES
from clients.services import consents
from clinics.models import AuditEvent
from tests.clients.consenting import RECIPIENT, asked, signed
from tests.clients.people import events, hidden, page, signed_in, text_of
from tests.world import CANARY, NOW, Side, World

ASKED = {"recipient": RECIPIENT, "purpose": "treatment", "categories": ["attendance", "safety"], "notice": "long"}


def ask(browser: Browser, side: Side, consent: Consent, **other: Any) -> tuple[str, dict[str, Any], Any]:
    address = page(side, "disclose", side.client.public_id) + f"?consent={consent.public_id}"
    form = {**ASKED, **hidden(text_of(browser.get(address))), **other}
    return address, form, browser.post(address, form)


@pytest.fixture
def consent(world: World) -> Consent:
    with world.here.scope():
        return signed(world.here)


def test_what_will_go_is_shown_before_anything_goes(world: World, consent: Consent) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    assert RECIPIENT in text_of(browser.get(page(here, "disclose", here.client.public_id)))
    with here.scope():
        before = Disclosure.objects.count()
    address, form, review = ask(browser, here, consent)
    shown = text_of(review)
    assert review.status_code == 200
    assert "Appointments and attendance" in shown
    assert "The consent does not name this part." in shown
    with here.scope():
        assert Disclosure.objects.count() == before
    sent = browser.post(address, {**form, "seen": "attendance", "send": "1"})
    again = browser.post(address, {**form, "seen": "attendance", "send": "1"})
    assert sent.status_code == 302
    assert sent.url == again.url
    with here.scope():
        made = Disclosure.objects.latest("pk")
        assert Disclosure.objects.count() == before + 1
        assert (made.categories_given, made.dropped) == (["attendance"], {"safety": "not_in_consent"})
    assert "The consent does not name this part." in text_of(browser.get(sent.url))


def test_going_back_from_the_review_keeps_what_was_chosen(world: World, consent: Consent) -> None:
    browser: Any = signed_in(world.here.therapist)
    address, form, _review = ask(browser, world.here, consent)
    answer = browser.post(address, {**form, "seen": "attendance", "back": "1"})
    assert answer.status_code == 200
    assert "Show what will go" in text_of(answer)
    assert text_of(answer).count("checked") >= 4, "two parts, the recipient, the notice"


def test_nothing_of_a_person_stands_in_logs_messages_or_addresses(
    world: World, consent: Consent, caplog: pytest.LogCaptureFixture
) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    with caplog.at_level("DEBUG"):
        address, form, _review = ask(browser, here, consent)
        sent = browser.post(address, {**form, "seen": "attendance", "send": "1"})
        made = packed(here, consent)
        browser.post(page(here, "package_fetch", made.public_id))
    said = f"{caplog.text} {address} {sent.url} {browser.cookies.output()}"
    for word in (CANARY, RECIPIENT, here.client.reference, "Jordan"):
        assert word not in said, word


def test_what_changed_since_it_was_shown_is_shown_again(world: World, consent: Consent) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address, form, _review = ask(browser, here, consent)
    answer = browser.post(address, {**form, "seen": "attendance,safety", "send": "1"})
    assert answer.status_code == 200
    assert "Something changed in the meantime" in text_of(answer)


def test_a_refusal_says_why_and_is_in_the_trail(world: World, consent: Consent) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    _address, _form, answer = ask(browser, here, consent, categories=["safety"])
    assert answer.status_code == 422
    assert "Nothing of what was asked for may go out." in text_of(answer)
    with here.scope():
        event = AuditEvent.objects.get(action="disclosure.refused")
    assert event.detail == {"basis": "consent", "asked": ["safety"], "dropped": {"safety": "not_in_consent"}}
    wrongs: list[dict[str, Any]] = [
        {"recipient": "Somebody else"}, {"purpose": "marketing"}, {"notice": "none"}, {"categories": []},
    ]  # fmt: skip
    for wrong in wrongs:
        assert ask(browser, here, consent, **wrong)[2].status_code == 422


def test_a_consent_revoked_while_the_page_was_open_permits_nothing(world: World, consent: Consent) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address, form, _review = ask(browser, here, consent)
    with here.scope():
        consents.ask_to_revoke(consent=consent, written=True, note="", by=here.therapist, now=NOW)
        before = Disclosure.objects.count()
    answer = browser.post(address, {**form, "seen": "attendance", "send": "1"})
    assert "What permits it?" in text_of(answer)
    with here.scope():
        assert Disclosure.objects.count() == before


def test_without_consent_the_privacy_officer_alone(world: World) -> None:
    here = world.here
    address = page(here, "disclose", here.client.public_id) + "?basis=medical_emergency"
    assert signed_in(here.therapist).get(address).status_code == 403
    officer: Any = signed_in(here.privacy_officer)
    form = {
        "recipient": "Dr. Lee", "purpose": "emergency", "categories": ["identity", "safety"], "notice": "short",
        "affiliation": "County hospital", "description": "", **hidden(text_of(officer.get(address))),
    }  # fmt: skip
    assert "Write what the emergency is." in text_of(officer.post(address, form))
    form["description"] = "Found unconscious"
    assert officer.post(address, form).status_code == 200
    assert officer.post(address, {**form, "seen": "identity,safety", "send": "1"}).status_code == 302


def test_disclosing_asks_who_one_is_again(world: World, consent: Consent) -> None:
    here = world.here
    with here.scope():
        made, _job = way_out.disclose(client=here.client, asked=asked(consent), by=here.therapist, now=NOW)
    browser: Any = signed_in(here.therapist, confirmed=False)
    for address in (
        page(here, "disclose", here.client.public_id),
        page(here, "package_print", made.public_id),
        page(here, "package_fetch", made.public_id),
    ):
        assert "reauthenticate" in browser.get(address).url


def packed(side: Side, consent: Consent) -> Disclosure:
    with side.scope(side.therapist):
        made, job = way_out.disclose(client=side.client, asked=asked(consent), by=side.therapist, now=NOW)
        way_out.pack(public_id=job.args["package"], now=NOW)
    return made


def test_a_package_is_printed_with_the_notice_on_top_and_handed_over_once(world: World, consent: Consent) -> None:
    here = world.here
    made = packed(here, consent)
    browser: Any = signed_in(here.therapist)
    shown = text_of(browser.get(page(here, "package_print", made.public_id)))
    notice = NOTICES["long"].split(",")[0]
    assert shown.index(notice) < shown.index("Copy of the consent")
    assert f"For {RECIPIENT} only" in shown
    fetch = page(here, "package_fetch", made.public_id)
    assert browser.get(fetch).status_code == 405
    answer = browser.post(fetch)
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox"
    assert "no-store" in answer["Cache-Control"]
    assert json.loads(answer.content)["cover"]["recipient"] == RECIPIENT
    assert here.client.legal_name not in answer["Content-Disposition"]
    for address, method in ((fetch, browser.post), (page(here, "package_print", made.public_id), browser.get)):
        assert method(address).status_code == 302
    assert "handed over" in text_of(browser.get(page(here, "disclosure_detail", made.public_id)))
    with here.scope():
        held = DisclosurePackage.objects.get(disclosure=made)
        assert (held.state, held.body) == ("fetched", None)
    actions = [event.action for event in events(here)]
    assert {"disclosure.opened", "disclosure.handed_over"} <= set(actions)


def test_who_may_not_disclose_does_not_fetch(world: World, consent: Consent) -> None:
    here = world.here
    made = packed(here, consent)
    fetch = page(here, "package_fetch", made.public_id)
    for user, expected in ((here.administrator, 403), (here.coordinator, 404), (here.other_therapist, 404)):
        assert signed_in(user).post(fetch).status_code == expected, user
    with here.scope():
        assert DisclosurePackage.objects.get(disclosure=made).state == "ready"
    assert (
        signed_in(here.therapist).post(page(here, "package_fetch", world.neighbour.disclosure.public_id)).status_code
        == 404
    )


def test_the_log_of_the_clinic_names_nobody_and_an_administrator_reads_no_words(world: World) -> None:
    here = world.here
    browser: Any = signed_in(here.administrator)
    listed = text_of(browser.get(page(here, "disclosure_list")))
    assert here.client.reference in listed
    assert here.client.legal_name not in listed
    shown = text_of(browser.get(page(here, "disclosure_detail", here.disclosure.public_id)))
    assert here.client.legal_name not in shown
    assert f"{CANARY}-riverbend told" not in shown
    assert f"{CANARY}-riverbend told" in text_of(
        signed_in(here.privacy_officer).get(page(here, "disclosure_detail", here.disclosure.public_id))
    )


def test_the_accounting_of_a_person_is_a_report_with_what_was_left_out(world: World, consent: Consent) -> None:
    here = world.here
    packed(here, consent)
    browser: Any = signed_in(here.privacy_officer)
    seen = len(events(here))
    for query in ("", "?all=1"):
        shown = text_of(browser.get(page(here, "accounting", here.client.public_id) + query))
        assert RECIPIENT in shown
        assert "Treatment" in shown
    assert [event.purpose for event in events(here, seen)] == ["accounting", "accounting"]
