"""The pages of mandates: who sees what, writing down by kind, correcting, and the report that is shown before it goes."""

from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Mandate
from clients.rules import mandates as rules
from clients.services import break_glass, mandates
from clients.services.mandates import Terms
from clinics.models import Draft
from tests.clients.mandating import BODY, OFFICER, reportable
from tests.clients.people import ABSENT_ID, body, events, hidden, in_care, page, signed_in, text_of
from tests.world import CANARY, Side, World


def new(side: Side, browser: Browser, kind: str = "court") -> tuple[str, dict[str, Any]]:
    address = page(side, "mandate_create", side.client.public_id) + f"?kind={kind}"
    filled = {"reporting": "none"} if kind != rules.FAMILY else {}
    return address, {**filled, **hidden(text_of(browser.get(address)))}


# --- the list -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("coordinator", 200), ("therapist", 200), ("supervisor", 200), ("privacy_officer", 200),
        ("other_therapist", 404), ("coder", 404), ("administrator", 404),
    ],
)  # fmt: skip
def test_who_sees_a_persons_mandates(world: World, role: str, status: int) -> None:
    here = world.here
    answer = signed_in(getattr(here, role)).get(page(here, "mandate_list", here.client.public_id))
    assert answer.status_code == status
    assert (f"{CANARY}-riverbend docket" in text_of(answer)) is (status == 200)


def test_break_glass_opens_no_mandate(world: World) -> None:
    here = world.here
    with here.scope():
        break_glass.break_glass(client=here.client, reason="Found unconscious", by=here.other_therapist)
    browser = signed_in(here.other_therapist)
    assert browser.get(page(here, "client_detail", here.client.public_id)).status_code == 200
    assert browser.get(page(here, "mandate_list", here.client.public_id)).status_code == 403


@pytest.mark.parametrize("route", ["mandate_list", "mandate_create"])
def test_a_foreign_an_absent_and_a_malformed_person_are_the_same(world: World, route: str) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    ids = [world.neighbour.client.public_id, ABSENT_ID, "nonsense"]
    answers = [browser.get(page(here, route, one)) for one in ids]
    assert [one.status_code for one in answers] == [404] * 3
    assert len({body(one, pk) for one, pk in zip(answers, ids, strict=True)}) == 1


@pytest.mark.parametrize("route", ["mandate_edit", "mandate_report"])
def test_a_foreign_an_absent_and_a_malformed_mandate_are_the_same(world: World, route: str) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    for pk in (world.neighbour.mandate.public_id, ABSENT_ID, "nonsense"):
        assert browser.get(page(here, route, pk)).status_code == 404
    assert browser.post(page(here, "mandate_end", world.neighbour.mandate.public_id)).status_code == 404


def test_the_list_shows_both_sides_the_state_of_the_consent_and_what_helps_to_talk(world: World) -> None:
    here = world.here
    with here.scope():
        reportable(here)
        mandates.add(
            client=here.client, terms=Terms(rules.FAMILY, client_view="They worry", discord=2), by=here.therapist,
            now=timezone.now(),
        )  # fmt: skip
    shown = text_of(signed_in(here.therapist).get(page(here, "mandate_list", here.client.public_id)))
    for words in (BODY, OFFICER, "24-CR-118", "They worry", "2 of 10", "No legal mandate", rules.PROMPTS[0],
                  f"{CANARY}-riverbend view", "No consent is chosen", "Active"):  # fmt: skip
        assert words.replace("'", "&#x27;") in shown, words
    actions = [event.action for event in events(here)]
    assert "client.viewed" in actions


def test_a_family_alone_gives_its_own_questions_and_no_report(world: World) -> None:
    here = world.here
    with here.scope():
        Mandate.objects.filter(client=here.client).update(ended_at=timezone.now())
        mandates.add(client=here.client, terms=Terms(rules.FAMILY), by=here.therapist, now=timezone.now())
    shown = text_of(signed_in(here.therapist).get(page(here, "mandate_list", here.client.public_id)))
    assert rules.FAMILY_PROMPTS[1] in shown
    assert rules.PROMPTS[0] not in shown
    assert "Report to" not in shown


def test_without_any_it_says_so(world: World) -> None:
    here = world.here
    with here.scope():
        other = in_care(here)
    shown = text_of(signed_in(here.therapist).get(page(here, "mandate_list", other.public_id)))
    assert "Nobody else asks for it" in shown


@pytest.mark.parametrize(
    ("role", "may"), [("coordinator", True), ("therapist", True), ("supervisor", False), ("privacy_officer", False)]
)
def test_who_writes_mandates_down(world: World, role: str, may: bool) -> None:
    here = world.here
    browser = signed_in(getattr(here, role))
    listed = text_of(browser.get(page(here, "mandate_list", here.client.public_id)))
    assert ("Write one down" in listed) is may
    for route, pk in (("mandate_create", here.client.public_id), ("mandate_edit", here.mandate.public_id)):
        assert browser.get(page(here, route, pk)).status_code == (200 if may else 403)
    ended = browser.post(page(here, "mandate_end", here.mandate.public_id), {"version": "1"})
    assert ended.status_code == (302 if may else 403)
    with here.scope():
        assert (Mandate.objects.get(pk=here.mandate.pk).ended_at is not None) is may


def test_the_pages_of_the_person_and_of_the_inquiry_lead_there_in_one_line(world: World) -> None:
    here = world.here
    link = page(here, "mandate_list", here.client.public_id)
    browser = signed_in(here.therapist)
    for route, pk in (("client_detail", here.client.public_id), ("inquiry_detail", here.inquiry.public_id)):
        shown = text_of(browser.get(page(here, route, pk)))
        assert link in shown
        assert "Probation" in shown
        assert f"{CANARY}-riverbend docket" not in shown


# --- writing down, correcting ---------------------------------------------------------------------------------------


def test_a_mandate_is_written_down_by_its_kind(world: World) -> None:
    here = world.here
    browser: Any = signed_in(here.coordinator)
    kinds = text_of(browser.get(page(here, "mandate_create", here.client.public_id)))
    for code, label in rules.KINDS:
        assert f"?kind={code}" in kinds
        assert label in kinds
    address, form = new(here, browser)
    made = browser.post(
        address,
        {
            **form,
            "body": BODY,
            "docket": "24-CR-118",
            "reporting": "weekly",
            "client_view": "It is fair",
            "discord": "3",
        },
        follow=True,
    )
    assert "It is written down." in text_of(made)
    with here.scope():
        row = Mandate.objects.latest("pk")
        assert (row.kind, row.body, row.docket, row.client_view, row.discord, row.created_by) == (
            "court", BODY, "24-CR-118", "It is fair", 3, here.coordinator,
        )  # fmt: skip
        assert row.next_report_on is not None


def test_a_familys_wish_asks_for_no_body_docket_consent_or_report_and_says_why(world: World) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address, form = new(here, browser, rules.FAMILY)
    shown = text_of(browser.get(address))
    assert "no legal mandate" in shown
    for name in ("docket", "officer", "reporting", "next_report_on", "consent"):
        assert f'name="{name}"' not in shown
    # What is sent all the same is not taken.
    browser.post(address, {**form, "discord": "8", "docket": "24", "reporting": "weekly"})
    with here.scope():
        row = Mandate.objects.latest("pk")
        assert (row.kind, row.body, row.docket, row.reporting, row.discord) == (rules.FAMILY, "", None, "none", 8)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"body": ""}, "Write who asks for it"),
        ({"body": "x" * 161}, "Write at most 160 characters"),
        ({"ends_on": "2026-02-31"}, "Enter a real date"),
        ({"starts_on": "2026-02-02", "ends_on": "2026-02-01"}, "It ends before it begins."),
        ({"starts_on": "0026-02-02"}, "too far away to be meant"),
        ({"required_sessions": "-3"}, "Enter a number of sessions"),
        ({"required_sessions": "9999"}, "too many to be meant"),
        ({"reporting": "hourly"}, "Choose how often."),
        ({"next_report_on": "2026-12-01"}, "A day for a report is chosen."),
        ({"consent": ABSENT_ID}, "Choose a consent of the list."),
        ({"discord": "11"}, "Choose a number from 0 to 10."),
        ({"client_view": "a\x00b"}, "Something in this text cannot be kept."),
        ({"repeat_key": ""}, "This form has lost its number."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(
    world: World, wrong: dict[str, Any], sentence: str
) -> None:
    here = world.here
    browser: Any = signed_in(here.coordinator)
    address, form = new(here, browser)
    with here.scope():
        before = Mandate.objects.count()
    answer = browser.post(address, {**form, "body": BODY, **wrong})
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert "<title>Error:" in text_of(answer)
    with here.scope():
        assert Mandate.objects.count() == before


def test_a_neighbours_consent_is_none_of_the_list(world: World) -> None:
    here = world.here
    browser: Any = signed_in(here.coordinator)
    address, form = new(here, browser)
    sent = {**form, "body": BODY, "consent": str(world.neighbour.consent.public_id)}
    assert "Choose a consent of the list." in text_of(browser.post(address, sent))


def test_the_same_form_twice_makes_one_mandate_and_lets_its_draft_go(world: World) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    key = f"mandate_court:{here.client.public_id}"
    assert browser.post(page(here, "draft_save", key), {"body": "Half a na"}).status_code == 204
    address, form = new(here, browser)
    assert 'value="Half a na"' in text_of(browser.get(address))
    with here.scope():
        before = Mandate.objects.count()
    for _n in range(2):
        assert browser.post(address, {**form, "body": BODY}).status_code == 302
    with here.scope():
        assert Mandate.objects.count() == before + 1
        assert not Draft.objects.filter(user=here.therapist, key=key).exists()


def test_two_who_correct_at_once_see_both_texts(world: World) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, "mandate_edit", here.mandate.public_id)
    form = {"kind": "probation", "body": BODY, "reporting": "monthly", **hidden(text_of(browser.get(address)))}
    assert browser.post(address, {**form, "officer": OFFICER}).status_code == 302
    stale = browser.post(address, {**form, "officer": "Somebody else"})
    assert stale.status_code == 422
    assert "Two texts for one record" in text_of(stale)
    again = browser.post(address, {**form, **hidden(text_of(stale)), "officer": "Somebody else"})
    assert again.status_code == 302
    with here.scope():
        assert Mandate.objects.get(pk=here.mandate.pk).officer == "Somebody else"


def test_a_mandate_that_ended_is_not_corrected(world: World) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, "mandate_edit", here.mandate.public_id)
    form = {"kind": "probation", "body": BODY, "reporting": "monthly", **hidden(text_of(browser.get(address)))}
    ended = browser.post(page(here, "mandate_end", here.mandate.public_id), {"version": "1"}, follow=True)
    assert "Nothing more is reported on it" in text_of(ended)
    assert "This mandate has ended." in text_of(browser.post(address, form))
    for version, said in (("1", "This mandate has ended."), ("x", "This form has lost its place.")):
        again = browser.post(page(here, "mandate_end", here.mandate.public_id), {"version": version}, follow=True)
        assert said in text_of(again)
