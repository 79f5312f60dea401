"""Plans for return to use: revisions that stand, who may be called, the page, the form, and the person's own copy."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from clients.models import Client, RelapsePlan
from clients.rules.relapse import Wrong
from clients.selectors import relapse as selectors
from clients.services import consents, merging
from clients.services.revisions import Newer
from clinics.models import AuditEvent, Draft
from tests.clients.consenting import terms
from tests.clients.people import ABSENT_ID, body, events, hidden, in_care, page, signed_in, text_of
from tests.clients.relapsing import WHOLE, agreed, written
from tests.world import CANARY, NOW, World

FORM = {
    "triggers_0_text": "Payday", "triggers_0_category": "urge_cue", "triggers_0_risk": "8",
    "triggers_0_confidence": "3", "triggers_2_text": "Rain", "triggers_2_risk": "2", "triggers_2_confidence": "0",
    "coping_0_text": "Walk to the lake", "coping_0_for_trigger": ["1", "3"], "supports_0_name": "Ada Rivers",
    "lapse_plan_first_hour": "Leave the place",
}  # fmt: skip


# --- what is kept ---------------------------------------------------------------------------------------------------


def test_each_writing_is_a_new_revision_whole_and_encrypted_and_the_trail_has_no_word_of_it(
    world: World, noor: Client
) -> None:
    here = world.here
    with here.scope(here.therapist):
        first = written(here, noor)
        second = written(here, noor, parts={"warnings": [{"kind": "feeling", "text": "Restless"}]}, copy_given=True)
        assert [(one.revision, one.complete, one.copy_given) for one in (first, second)] == [
            (1, True, False), (2, False, True),
        ]  # fmt: skip
        assert [one.priority for one in selectors.said(first).by_priority] == [56, 54, 18]
        assert selectors.said(second).triggers == (), "nothing of the one before is kept by itself"
        assert selectors.newest(noor) == second
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from clients_relapseplan where parts::text like '%lake%'")
            assert cursor.fetchone()[0] == 0
        found = AuditEvent.objects.filter(action="relapse_plan.written").order_by("pk").values_list("detail", flat=True)
        assert list(found) == [
            {"revision": 1, "complete": True, "copy_given": False},
            {"revision": 2, "complete": False, "copy_given": True},
        ]


def test_a_plan_based_on_an_older_revision_is_refused_with_the_newer(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        first = written(here, noor)
        with pytest.raises(Newer) as found:
            written(here, noor, seen=0)
        assert found.value.current == first
        with pytest.raises(Wrong):
            written(here, noor, parts={})
        assert RelapsePlan.objects.filter(client=noor).count() == 1


def test_revisions_are_counted_over_joined_records(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        written(here, noor)
        noor.episodes.update(status="closed", closed_on=NOW.date())
        merging.merge(kept=here.client, absorbed=noor, reason="The same", by=here.coordinator, now=NOW)
        kept = Client.objects.get(pk=here.client.pk)
        kept.clinic = here.clinic
        assert {one.client_id for one in selectors.of_person(kept)} == {kept.pk, noor.pk}
        assert written(here, kept).revision == 2


# --- who may be called ----------------------------------------------------------------------------------------------


def named(consent: Any, name: str = "Ada Rivers") -> dict[str, Any]:
    return {**WHOLE, "supports": [{"name": name, "consent": str(getattr(consent, "public_id", consent))}]}


def test_somebody_may_be_called_under_a_consent_in_force_that_names_them_and_no_longer_than_that(
    world: World, noor: Client
) -> None:
    here = world.here
    with here.scope(here.therapist):
        consent = agreed(here, noor)
        plan = written(here, noor, parts=named(consent, "ada rivers"))
        said, now = selectors.said(plan), timezone.now()
        assert [one.may_call for one in selectors.supports_of(said, noor, now)] == [True]
        later = now + timedelta(days=40)
        assert [(one.may_call, one.was_told) for one in selectors.supports_of(said, noor, later)] == [(False, True)]
        consents.ask_to_revoke(consent=consent, written=True, note="", by=here.therapist, now=now)
        assert [(one.may_call, one.was_told) for one in selectors.supports_of(said, noor, now)] == [(False, True)]
        with pytest.raises(Wrong, match="not in force"):
            written(here, noor, parts=named(consent))


def test_nobody_is_marked_under_a_consent_of_another_name_person_kind_or_state(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        other = in_care(here, "Sol Marsh")
        draft = consents.draft_consent(client=noor, terms=terms(), by=here.therapist)
        for wrong, name, sentence in (
            (agreed(here, noor, "Somebody Else"), "Ada Rivers", "names somebody else"),
            (agreed(here, other), "Ada Rivers", "not in force"),
            (draft, "Ada Rivers", "not in force"),
            (here.consent, "Ada Rivers", "not in force"),
            (ABSENT_ID, "Ada Rivers", "not in force"),
            ("nonsense", "Ada Rivers", "not in force"),
        ):
            with pytest.raises(Wrong, match=sentence) as found:
                written(here, noor, parts=named(wrong, name))
            assert found.value.field == "supports.0.consent"
        assert not RelapsePlan.objects.filter(client=noor).exists()


# --- the pages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "read", "write"),
    [
        ("therapist", 200, 200), ("supervisor", 200, 403), ("coordinator", 403, 403), ("privacy_officer", 403, 403),
        ("other_therapist", 404, 404), ("coder", 404, 404), ("administrator", 404, 404),
    ],
)  # fmt: skip
def test_who_reads_and_writes_plans(world: World, role: str, read: int, write: int) -> None:
    here = world.here
    browser = signed_in(getattr(here, role))
    shown = browser.get(page(here, "relapse_plan", here.client.public_id))
    assert shown.status_code == read
    assert (f"{CANARY}-riverbend trigger" in text_of(shown)) is (read == 200)
    assert ("Go through it again" in text_of(shown)) is (write == 200)
    assert browser.get(page(here, "relapse_plan_write", here.client.public_id)).status_code == write
    one = 200 if read == 200 else 404
    for route in ("relapse_plan_detail", "relapse_plan_print"):
        assert browser.get(page(here, route, here.relapse_plan.public_id)).status_code == one


@pytest.mark.parametrize("route", ["relapse_plan", "relapse_plan_write", "relapse_plan_detail", "relapse_plan_print"])
def test_a_foreign_an_absent_and_a_malformed_id_are_the_same(world: World, route: str) -> None:
    here, there = world.here, world.neighbour
    row = there.relapse_plan if route in ("relapse_plan_detail", "relapse_plan_print") else there.client
    browser = signed_in(here.therapist)
    ids = [row.public_id, ABSENT_ID, "nonsense"]
    answers = [browser.get(page(here, route, one)) for one in ids]
    assert [one.status_code for one in answers] == [404] * 3
    assert len({body(one, pk) for one, pk in zip(answers, ids, strict=True)}) == 1


def test_a_plan_is_written_together_read_and_written_anew(world: World, noor: Client) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    assert "No plan yet" in text_of(browser.get(page(here, "relapse_plan", noor.public_id)))
    address = page(here, "relapse_plan_write", noor.public_id)
    shown = text_of(browser.get(address))
    assert "Trigger 8" in shown
    saved = text_of(browser.post(address, {**FORM, "copy_given": "on", **hidden(shown)}, follow=True))
    for words in ("The plan is saved.", "Revision 1", "Payday", "Walk to the lake", "in their hands",
                  "2 of 3 triggers have something that helps.", "1 of 2 people who help are named.",
                  "who is called, the step back", "risk 8, confidence 3: 56 of 100", "The clinic does not.",
                  here.therapist.name):  # fmt: skip
        assert words in saved, words
    again = text_of(browser.get(address))
    assert 'value="Rain"' in again
    # The empty row between them is gone, and what helps points at the second trigger now.
    assert re.search(r'name="triggers_1_text" value="Rain"', again)
    assert re.search(r'name="coping_0_for_trigger" value="2"[^>]*checked', again)
    assert not re.search(r'name="coping_0_for_trigger" value="3"[^>]*checked', again)
    assert "Revision 2" in text_of(browser.post(address, {**FORM, **hidden(again)}, follow=True))
    with here.scope():
        older = RelapsePlan.objects.get(client=noor, revision=1)
    shown = text_of(browser.get(page(here, "relapse_plan_detail", older.public_id)))
    assert "An older revision" in shown
    assert "Their own copy" not in shown
    assert "Go through it again" not in shown


def test_a_complete_plan_says_so_and_lists_what_nothing_helps_with(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        extra = {"category": "other", "text": "Airports", "risk": 1, "confidence": 1}
        written(here, noor, parts={**WHOLE, "triggers": [*WHOLE["triggers"], extra]})
    shown = text_of(signed_in(here.supervisor).get(page(here, "relapse_plan", noor.public_id)))
    for words in ("Complete", "Nothing helps yet with:", "Airports"):
        assert words in shown
    assert "Not complete yet" not in shown


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"triggers_0_risk": ""}, "Say how risky it is, from 0 to 10."),
        ({"triggers_0_risk": "11"}, "Enter a number from 0 to 10."),
        ({"triggers_0_confidence": ""}, "Say how sure they are that they get past it, from 0 to 10."),
        ({"triggers_0_text": " "}, "Write what it is, or clear the rest of this row."),
        ({"triggers_0_category": "boredom"}, "Choose what kind it is."),
        ({"triggers_0_last_met_on": "2999-01-01"}, "This day is still to come."),
        ({"coping_0_for_trigger": ["2"]}, "Trigger 2 is empty."),
        ({"coping_0_for_trigger": ["99"]}, "Choose numbers of triggers."),
        ({"warnings_0_text": "x"}, "Choose what kind it is."),
        ({"supports_0_consent": ABSENT_ID}, "This consent is not in force."),
        ({"lapse_plan_first_hour": "x" * 601}, "Write at most 600 characters"),
        ({"triggers_0_text": "a\x00b"}, "Something in this text cannot be kept."),
        ({**dict.fromkeys(FORM, ""), "coping_0_for_trigger": []}, "Write at least one thing."),
        ({"repeat_key": ""}, "This form has lost its number."),
        ({"version": ""}, "This form has lost its place."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(
    world: World, noor: Client, wrong: dict[str, Any], sentence: str
) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, "relapse_plan_write", noor.public_id)
    answer = browser.post(address, {**FORM, **hidden(text_of(browser.get(address))), **wrong})
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    with here.scope():
        assert not RelapsePlan.objects.filter(client=noor).exists()


def test_a_consent_in_force_is_offered_and_shown_by_its_state(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        consent = agreed(here, noor)
    browser: Any = signed_in(here.therapist)
    address = page(here, "relapse_plan_write", noor.public_id)
    shown = text_of(browser.get(address))
    assert str(consent.public_id) in shown
    form = {**FORM, "supports_0_consent": str(consent.public_id), **hidden(shown)}
    assert "May be called" in text_of(browser.post(address, form, follow=True))
    with here.scope(here.therapist):
        consents.ask_to_revoke(consent=consent, written=True, note="", by=here.therapist, now=timezone.now())
    shown = text_of(browser.get(page(here, "relapse_plan", noor.public_id)))
    assert "The clinic may not call them" in shown
    assert "May be called" not in shown
    again = text_of(browser.get(address))
    assert str(consent.public_id) not in again


def test_a_draft_is_kept_and_let_go_and_the_same_form_twice_makes_one_plan(world: World, noor: Client) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    key = f"relapse_plan:{noor.public_id}"
    kept = {"triggers_5_text": "Half a li", "coping_0_for_trigger": ["6"], "version": "1"}
    assert browser.post(page(here, "draft_save", key), kept).status_code == 204
    address = page(here, "relapse_plan_write", noor.public_id)
    shown = text_of(browser.get(address))
    assert re.search(r'name="triggers_5_text" value="Half a li"', shown)
    assert re.search(r'name="coping_0_for_trigger" value="6"[^>]*checked', shown)
    form = {**FORM, **hidden(shown)}
    for _n in range(2):
        assert browser.post(address, form).status_code == 302
    with here.scope():
        assert RelapsePlan.objects.filter(client=noor).count() == 1
        assert not Draft.objects.filter(user=here.therapist, key=key).exists()


def test_two_who_write_at_once_see_both_texts(world: World, noor: Client) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, "relapse_plan_write", noor.public_id)
    form = {**FORM, **hidden(text_of(browser.get(address)))}
    with here.scope(here.therapist):
        written(here, noor)
    stale = browser.post(address, form)
    shown = text_of(stale)
    assert stale.status_code == 422
    assert "Two texts for one record" in shown
    assert "Arguments with Sol" in shown
    assert "Trigger 2: confidence" not in shown
    assert browser.post(address, {**form, **hidden(shown)}).status_code == 302
    with here.scope():
        latest = RelapsePlan.objects.get(client=noor, revision=2)
        assert [one.text for one in selectors.said(latest).triggers] == ["Payday", "Rain"]


def test_the_same_written_twice_over_is_no_conflict(world: World, noor: Client) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, "relapse_plan_write", noor.public_id)
    first = hidden(text_of(browser.get(address)))
    dense = {**FORM, "triggers_1_text": "Rain", "triggers_1_category": "other", "triggers_1_risk": "2",
             "triggers_1_confidence": "0", "coping_0_for_trigger": ["1", "2"], "coping_0_type": "other"}  # fmt: skip
    for gone in ("triggers_2_text", "triggers_2_risk", "triggers_2_confidence"):
        del dense[gone]
    for key in ("one", "two"):
        assert browser.post(address, {**dense, **first, "repeat_key": key}).status_code == 302
    with here.scope():
        assert RelapsePlan.objects.filter(client=noor).count() == 1


def test_the_persons_own_copy_tells_nobody_where_it_is_from_and_printing_is_in_the_trail(
    world: World, noor: Client
) -> None:
    here = world.here
    with here.scope(here.therapist):
        plan = written(here, noor)
    since = len(events(here))
    answer = signed_in(here.therapist).get(page(here, "relapse_plan_print", plan.public_id))
    said = text_of(answer).partition("<main")[2].replace(page(here, "relapse_plan", noor.public_id), "")
    for words in ("My plan", "Payday", "Walk to the lake", "Ada Rivers", "One will not matter", "Leave the place"):
        assert words in said, words
    for kept in ("Riverbend", "Behavioral", "Evoke", "clinic", "Noor", noor.reference, here.therapist.name,
                 "Printed by", "consent"):  # fmt: skip
        assert kept not in said, kept
    assert "Riverbend" not in re.sub(r"/clinics/[a-z]+/", "", text_of(answer))
    assert "no-store" in answer["Cache-Control"]
    made = [one for one in events(here)[since:] if one.action == "relapse_plan.printed"]
    assert [(one.purpose, one.detail) for one in made] == [("own_copy", {"revision": 1})]


@pytest.mark.parametrize("route", ["relapse_plan", "relapse_plan_write", "relapse_plan_detail"])
def test_reading_a_plan_is_in_the_trail(world: World, route: str) -> None:
    here = world.here
    row = here.relapse_plan if route == "relapse_plan_detail" else here.client
    since = len(events(here))
    signed_in(here.therapist).get(page(here, route, row.public_id))
    assert here.client.pk in {one.client_ref for one in events(here)[since:]}


def test_the_person_page_leads_to_it_for_those_who_may_read_plans(world: World, noor: Client) -> None:
    here = world.here
    link = page(here, "relapse_plan", noor.public_id)
    for user, shown in ((here.therapist, True), (here.coordinator, False), (here.privacy_officer, False)):
        text = text_of(signed_in(user).get(page(here, "client_detail", noor.public_id)))
        assert (link in text) is shown
    with here.scope(here.therapist):
        written(here, noor)
    assert "complete, written" in text_of(signed_in(here.therapist).get(page(here, "client_detail", noor.public_id)))


def test_what_stands_in_the_row_is_what_was_typed(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        plan = RelapsePlan.objects.get(pk=written(here, noor).pk)
        stored = json.loads(plan.parts)
    assert stored["triggers"][0] == {**WHOLE["triggers"][0]}
    assert stored["supports"][1] == {"name": "Sol Marsh", "relation": "", "phone": "", "consent": None}
