"""The pages of consents: kind first, then its own fields; reading, signing, revoking; who sees what."""

from typing import Any

import pytest
from django.test import Client as Browser

from clients.models import Consent, NoticeGiven, Restriction
from clients.rules.consent_terms import LABELS, Kind
from clinics.models import Draft, IdempotencyKey, User
from tests.clients.consenting import AHEAD, signed
from tests.clients.people import ABSENT_ID, events, hidden, page, signed_in, text_of
from tests.world import CANARY, Side, World

FILLED = {
    "categories": ["identity", "attendance"],
    "recipients": "Harbor Family Practice",
    "purpose": "treatment",
    "last_day": AHEAD.isoformat(),
}
PAPER = {
    "text": "Release to Harbor Family Practice",
    "statements": ["revocation"],
    "signer": "self",
    "signed_name": "Jordan Marsh",
    "signed_on": "2026-01-05",
}


def new(side: Side, browser: Browser, kind: str = "specific", paper: bool = False) -> tuple[str, dict[str, Any]]:
    address = page(side, "consent_create", side.client.public_id) + f"?kind={kind}" + ("&paper=1" if paper else "")
    return address, {**FILLED, **(PAPER if paper else {}), **hidden(browser.get(address).content.decode())}


# --- writing, signing -----------------------------------------------------------------------------------------------


def test_a_consent_is_chosen_written_read_and_signed(world: World) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    kinds = text_of(browser.get(page(here, "consent_create", here.client.public_id)))
    for label in LABELS.values():
        assert label in kinds
    address, form = new(here, browser)
    made = browser.post(address, form)
    assert made.status_code == 302
    to_sign = text_of(browser.get(made.url))
    assert "Harbor Family Practice" in to_sign
    assert "I can revoke this consent" in to_sign
    sign = {"signer": "self", "signed_name": "Jordan Marsh", "agrees": "on", **hidden(to_sign)}
    assert "ticks that they have read it" in text_of(browser.post(made.url, {**sign, "agrees": ""}))
    done = browser.post(made.url, sign, follow=True)
    assert "signed and in force" in text_of(done)
    with here.scope():
        consent = Consent.objects.latest("pk")
        assert (consent.state, consent.witnessed_by) == ("active", here.therapist)
    actions = [event.action for event in events(here)]
    assert {"consent.drafted", "consent.signed", "consent.viewed"} <= set(actions)


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_shows_its_own_fields_and_says_what_is_missing(world: World, kind: Kind) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address, _form = new(here, browser, kind)
    shown = text_of(browser.get(address))
    assert ('name="revocable_from"' in shown) is (kind is Kind.CRIMINAL_JUSTICE)
    assert ('name="recipient_classes"' in shown) is (kind is Kind.TPO_SINGLE)
    assert ('name="open_ended"' in shown) is (kind in {Kind.TPO_SINGLE, Kind.TREATMENT})
    answer = browser.post(address, hidden(shown))
    assert answer.status_code == 422
    assert "<title>Error:" in text_of(answer)
    assert "ends" in text_of(answer)
    with here.scope():
        assert not Consent.objects.filter(created_by=here.therapist, kind=kind, text__isnull=False).exclude(
            pk=here.consent.pk
        )


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"categories": []}, "Choose which parts of the record may be disclosed."),
        ({"categories": ["counselling_notes"]}, "Choose from the list."),
        ({"categories": ["nonsense"]}, "Choose from the list."),
        ({"recipients": " \u202e"}, "Name who receives it."),
        ({"recipients": "x" * 161}, "Write at most 160 characters"),
        ({"purpose": ""}, "Choose the purpose."),
        ({"purpose": "fundraising"}, "Choose the purpose."),
        ({"last_day": ""}, "Enter the day or the event"),
        ({"last_day": "2026-02-31"}, "Enter a real date"),
        ({"description": "x" * 2001}, "Write at most 2000 characters"),
        ({"description": "a\x00b"}, "Something in this text cannot be kept."),
        ({"repeat_key": ""}, "This form has lost its number."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(
    world: World, wrong: dict[str, Any], sentence: str
) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address, form = new(here, browser)
    with here.scope():
        before = Consent.objects.count()
    answer = browser.post(address, {**form, **wrong})
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    with here.scope():
        assert Consent.objects.count() == before
        assert not IdempotencyKey.objects.filter(user=here.therapist, route__startswith="consent").exists()


def test_the_same_form_sent_twice_makes_one_consent(world: World) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address, form = new(here, browser)
    first, second = (browser.post(address, form) for _n in range(2))
    assert first.url == second.url


def test_a_draft_of_the_form_is_kept_and_let_go(world: World) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    key = f"consent_specific:{here.client.public_id}"
    assert browser.post(page(here, "draft_save", key), {"recipients": "Half a na"}).status_code == 204
    address, form = new(here, browser)
    assert 'value="Half a na"' in text_of(browser.get(address))
    browser.post(address, form)
    with here.scope():
        assert not Draft.objects.filter(user=here.therapist, key=key).exists()


def test_a_paper_consent_that_lacks_something_is_kept_as_not_valid_with_what_is_missing(world: World) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address, form = new(here, browser, paper=True)
    whole = browser.post(address, form, follow=True)
    assert "kept and in force" in text_of(whole)
    address, form = new(here, browser, paper=True)
    answer = browser.post(address, {**form, "statements": []}, follow=True)
    assert "State the right to revoke in writing" in text_of(answer)
    with here.scope():
        assert Consent.objects.latest("pk").state == "invalid"
    address, form = new(here, browser, paper=True)
    assert "Enter the day it was signed" in text_of(browser.post(address, {**form, "signed_on": "2999-01-01"}))


def test_signing_asks_who_one_is_again(world: World) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist, confirmed=False)
    answer = browser.get(page(here, "consent_sign", here.consent_draft.public_id))
    assert answer.status_code == 302
    assert "reauthenticate" in answer.url


def test_a_draft_is_set_aside_and_a_signed_one_is_not(world: World) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    for consent, left in ((here.consent_draft, False), (here.consent, True)):
        browser.post(page(here, "consent_discard", consent.public_id))
        with here.scope():
            assert Consent.objects.filter(pk=consent.pk).exists() is left


# --- taking it back -------------------------------------------------------------------------------------------------


def revoke(browser: Browser, side: Side, consent: Consent, how: str) -> Any:
    address = page(side, "consent_revoke", consent.public_id)
    form = {"how": how, "note": "", **hidden(text_of(browser.get(address)))}
    return browser.post(address, form, follow=True)


def test_revoking_on_the_page_holds_then_ends(world: World) -> None:
    here = world.here
    with here.scope():
        consent = signed(here)
    browser: Any = signed_in(here.coordinator)
    assert "on hold at once" in text_of(revoke(browser, here, consent, "spoken"))
    assert "It is revoked." in text_of(revoke(signed_in(here.therapist), here, consent, "written"))
    with here.scope():
        consent.refresh_from_db()
        assert consent.state == "revoked"


def test_t36_a_mandate_shows_the_explanation_before_its_day(world: World) -> None:
    here = world.here
    with here.scope():
        consent = signed(here, Kind.CRIMINAL_JUSTICE, revocable_from=AHEAD)
    answer = text_of(revoke(signed_in(here.therapist), here, consent, "written"))
    assert "The request is kept, and the privacy officer is told." in answer
    listed = text_of(signed_in(here.privacy_officer).get(page(here, "consent_work")))
    assert "Asked to revoke" in listed


def test_only_the_privacy_officer_holds_and_lets_go_on_and_says_why(world: World) -> None:
    here = world.here
    with here.scope():
        consent = signed(here)
    address = page(here, "consent_hold", consent.public_id)
    body = {"act": "hold", "version": str(consent.version), "note": "A doubt"}
    assert signed_in(here.therapist).post(address, body).status_code == 403
    officer: Any = signed_in(here.privacy_officer)
    assert officer.post(address, {**body, "note": ""}).status_code == 422
    assert officer.post(address, {**body, "act": "delete"}).status_code == 422
    assert officer.post(address, {**body, "version": "9"}).status_code == 422
    assert officer.post(address, body).status_code == 302
    with here.scope():
        consent.refresh_from_db()
        assert consent.state == "on_hold"


# --- who sees what --------------------------------------------------------------------------------------------------


def test_who_only_captures_sees_that_there_are_consents_but_not_what_signed_ones_say(world: World) -> None:
    here = world.here
    with here.scope():
        signed(here, recipients=f"{CANARY} signed recipient")
    browser: Any = signed_in(here.coordinator)
    listed = browser.get(page(here, "consent_list", here.client.public_id))
    assert listed.status_code == 200
    assert f"{CANARY} signed recipient" not in text_of(listed)
    assert f"{CANARY} signed recipient" in text_of(signed_in(here.therapist).get(listed.request["PATH_INFO"]))
    assert browser.get(page(here, "consent_detail", here.consent.public_id)).status_code == 403
    assert browser.get(page(here, "consent_detail", here.consent_draft.public_id)).status_code == 200


@pytest.mark.parametrize("route", ["consent_list", "accounting", "disclose"])
def test_the_pages_open_for_who_may_and_for_nobody_else(world: World, route: str) -> None:
    here = world.here
    address = page(here, route, here.client.public_id)
    seen = {
        "consent_list": {here.coordinator, here.therapist, here.supervisor, here.privacy_officer},
        "accounting": {here.therapist, here.supervisor, here.privacy_officer},
        "disclose": {here.therapist, here.supervisor, here.privacy_officer},
    }[route]
    users: list[User] = [*here.people.values(), here.other_therapist]
    for user in users:
        status = signed_in(user).get(address).status_code
        assert (status == 200) is (user in seen), (user, status)
    absent = page(here, route, ABSENT_ID)
    foreign = page(here, route, world.neighbour.client.public_id)
    assert [signed_in(here.therapist).get(one).status_code for one in (absent, foreign)] == [404, 404]


def test_the_neighbour_s_consent_is_not_found(world: World) -> None:
    foreign = world.neighbour.consent.public_id
    browser: Any = signed_in(world.here.privacy_officer)
    for route in ("consent_detail", "consent_sign", "consent_revoke"):
        assert browser.get(page(world.here, route, foreign)).status_code in (403, 404)
        assert CANARY not in text_of(browser.get(page(world.here, route, foreign)))


# --- notice and what is kept back -----------------------------------------------------------------------------------


def test_the_notice_is_recorded_once(world: World) -> None:
    here = world.here
    browser: Any = signed_in(here.coordinator)
    listed = page(here, "consent_list", here.client.public_id)
    assert "Record that it was given" not in text_of(browser.get(listed)), "they have this notice already"
    for _n in range(2):
        browser.post(page(here, "notice_give", here.client.public_id), {"answer": "declined", "repeat_key": "notice"})
    with here.scope():
        assert NoticeGiven.objects.filter(given_by=here.coordinator).count() == 1


def test_a_request_to_keep_something_back_is_asked_and_decided(world: World) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, "restriction_create", here.client.public_id)
    form = {"recipient": "", "words": "Not my mother", **hidden(text_of(browser.get(address)))}
    assert "Write from whom" in text_of(browser.post(address, form))
    assert browser.post(address, {**form, "recipient": "Mother"}).status_code == 302
    with here.scope():
        asked = Restriction.objects.latest("pk")
    paid = {**form, "repeat_key": "paid", "from_payers": "on", "paid_in_full": "on", "parts": ["attendance"]}
    assert browser.post(address, paid).status_code == 302
    with here.scope():
        whole = Restriction.objects.latest("pk")
        assert (whole.recipient, whole.to_payers, whole.self_paid, whole.categories) == (
            "Payers", True, True, ["attendance"],
        )  # fmt: skip
    decide = page(here, "restriction_decide", asked.public_id)
    assert signed_in(here.therapist).get(decide).status_code == 403
    officer: Any = signed_in(here.privacy_officer)
    body = {"state": "declined", "note": "", **hidden(text_of(officer.get(decide)))}
    assert "Write why" in text_of(officer.post(decide, body))
    assert officer.post(decide, {**body, "state": "agreed"}).status_code == 302
    assert "Not my mother" in text_of(officer.get(decide))
    end = {"note": "They changed their mind", **hidden(text_of(officer.get(decide)))}
    assert officer.post(decide, end).status_code == 302
    with here.scope():
        asked.refresh_from_db()
        assert asked.state == "ended"


def test_the_pages_ask_a_fixed_number_of_questions(world: World, django_assert_max_num_queries: Any) -> None:
    here = world.here
    with here.scope():
        for _n in range(6):
            signed(here, last_day=AHEAD)
    browser: Any = signed_in(here.privacy_officer)
    for route, *ids in (("consent_list", here.client.public_id), ("consent_work",), ("disclosure_list",)):
        with django_assert_max_num_queries(14):
            browser.get(page(here, route, *ids))
