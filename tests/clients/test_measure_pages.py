"""Pages of measures: who sees what, entering answers, the result with its crisis words, taking back, and planning."""

from datetime import timedelta
from typing import Any

import pytest

from clients.models import Client, MeasureResponse, MeasureSchedule, SafetyConcern
from clients.services import measures, merging
from clinics.models import AuditEvent, Draft, InstrumentAttestation
from tests.budgets.counting import questions_of
from tests.budgets.growing import grow
from tests.budgets.test_queries import BUDGET
from tests.clients.measuring import asked, phq9
from tests.clients.people import ABSENT_ID, body, events, hidden, page, signed_in, text_of, today
from tests.world import NOW, World

T17 = phq9(2, 2, 1, 1, 1, 0, 1, 0, 1)


def typed(world: World, answers: dict[str, int], **other: str) -> dict[str, str]:
    said = {"source": "clinician", "taken_on": today(world.here).isoformat(), **other}
    return {**{key: str(value) for key, value in answers.items()}, **said}


# --- who sees what --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "shown", "detail", "entry"),
    [
        ("therapist", 200, 200, 200), ("supervisor", 200, 200, 403), ("coordinator", 200, 403, 200),
        ("privacy_officer", 403, 404, 403), ("other_therapist", 404, 404, 404), ("coder", 404, 404, 404),
        ("administrator", 404, 404, 404),
    ],
)  # fmt: skip
def test_who_reads_levels_answers_and_enters(world: World, role: str, shown: int, detail: int, entry: int) -> None:
    here = world.here
    browser = signed_in(getattr(here, role))
    assert browser.get(page(here, "measure_list", here.client.public_id)).status_code == shown
    assert browser.get(page(here, "measure_detail", here.rows["response"].public_id)).status_code == detail
    assert browser.get(page(here, "measure_record", here.client.public_id, "phq9")).status_code == entry
    assert browser.get(page(here, "measure_plan", here.client.public_id, "phq9")).status_code == entry
    assert browser.get(page(here, "measure_link", here.client.public_id, "phq9")).status_code == entry


def test_a_coordinator_sees_levels_and_numbers_of_own_entries_only(world: World) -> None:
    here = world.here
    with here.scope(here.coordinator):
        own = asked(here, here.client, "gad7", {f"G{n}": 2 for n in range(1, 8)}, by=here.coordinator)
    browser = signed_in(here.coordinator)
    shown = text_of(browser.get(page(here, "measure_list", here.client.public_id)))
    assert "Mild" in shown
    assert "8, Mild" not in shown, "the number of what a therapist asked"
    assert "14, Moderate" in shown, "the number of what they asked themselves"
    assert "You see levels here." in shown
    assert page(here, "measure_detail", here.rows["response"].public_id) not in shown
    assert browser.get(page(here, "measure_detail", own.public_id)).status_code == 200
    assert "8, Mild" in text_of(signed_in(here.therapist).get(page(here, "measure_list", here.client.public_id)))


@pytest.mark.parametrize(
    ("route", "more"), [("measure_list", ()), ("measure_record", ("phq9",)), ("measure_plan", ("phq9",)),
                        ("measure_link", ("phq9",)), ("measure_detail", ()), ("measure_take_back", ())],
)  # fmt: skip
def test_a_foreign_an_absent_and_a_malformed_id_are_the_same(world: World, route: str, more: tuple[str, ...]) -> None:
    here, there = world.here, world.neighbour
    row = there.rows["response"] if route in ("measure_detail", "measure_take_back") else there.client
    browser = signed_in(here.therapist)
    ids = [row.public_id, ABSENT_ID, "nonsense"]
    answers = [browser.get(page(here, route, one, *more)) for one in ids]
    assert [one.status_code for one in answers] == [404] * 3
    assert len({body(one, pk) for one, pk in zip(answers, ids, strict=True)}) == 1


@pytest.mark.parametrize("key", ["dast10", "miti", "nothing", "x" * 80])
def test_what_the_clinic_may_not_ask_has_no_page(world: World, key: str) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    for route in ("measure_record", "measure_plan", "measure_link"):
        assert browser.get(page(here, route, here.client.public_id, key)).status_code == 404


# --- entering -------------------------------------------------------------------------------------------------------


def test_answers_are_entered_on_one_page_and_read_on_the_next(world: World, noor: Client) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    assert "Nothing answered yet" in text_of(browser.get(page(here, "measure_list", noor.public_id)))
    address = page(here, "measure_record", noor.public_id, "phq9")
    shown = text_of(browser.get(address))
    for words in ("Over the last 2 weeks", "Little interest or pleasure", "Nearly every day", "No permission required"):
        assert words in shown, words
    assert "optional" not in shown, "each question may stay open, which is said once"
    saved = text_of(browser.post(address, {**typed(world, T17), **hidden(shown)}, follow=True))
    for words in ("The answers are saved.", "Mild", "Other depressive syndrome", "More than half the days",
                  "A clinician reviews the risk today.", "988", "911", "not a diagnosis", "not asked"):  # fmt: skip
        assert words in saved, words
    assert "Not complete" not in saved
    with here.scope():
        assert SafetyConcern.objects.filter(client=noor, code="phq9_item9").count() == 1
    listed = text_of(browser.get(page(here, "measure_list", noor.public_id)))
    assert "Total: 9, Mild" in listed


def test_a_question_left_out_is_said_and_saves_all_the_same(world: World, noor: Client) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, "measure_record", noor.public_id, "phq9")
    form = {**typed(world, phq9(1, 1, 1, 1, None, 1, 1, 1, 1)), **hidden(text_of(browser.get(address)))}
    saved = text_of(browser.post(address, form, follow=True))
    for words in ("Not complete", "1 question that is scored was left out", "no number", "left out",
                  "A clinician reviews the risk today."):  # fmt: skip
        assert words in saved, words


@pytest.mark.parametrize(
    ("key", "form", "sentence"),
    [
        ("phq9", {}, "Answer at least one question."),
        ("phq9", {"P1": "7"}, "Choose one of these answers."),
        ("phq9", {"P1": "x"}, "Choose one of these answers."),
        ("phq9", {"P1": "1", "taken_on": ""}, "Enter the day on which they answered."),
        ("phq9", {"P1": "1", "taken_on": "2999-01-01"}, "This day is still to come."),
        ("phq9", {"P1": "1", "source": "link"}, "Choose from the list."),
        ("phq9", {"P1": "1", "repeat_key": ""}, "This form has lost its number."),
        ("ors", {"TOTAL": "40.1"}, "Write a number from 0.0 to 40.0."),
        ("ors", {"TOTAL": "x"}, "Write a number from 0.0 to 40.0."),
        ("urica", {"C": "3.456"}, "Write a number from 1.00 to 5.00."),
        ("bam", {"B14": "2"}, "Choose one of these answers."),
    ],
)
def test_what_is_wrong_is_said_beside_its_question_and_nothing_is_kept(
    world: World, noor: Client, key: str, form: dict[str, str], sentence: str
) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, "measure_record", noor.public_id, key)
    answer = browser.post(address, {**typed(world, {}), **hidden(text_of(browser.get(address))), **form})
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    with here.scope():
        assert not MeasureResponse.objects.filter(client=noor).exists()


def test_totals_are_typed_in_decimals_and_kept_in_the_smallest_unit(world: World, noor: Client) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, "measure_record", noor.public_id, "srs")
    for total in ("38.5", "37.5"):
        form = {**typed(world, {}), "TOTAL": total, **hidden(text_of(browser.get(address)))}
        saved = text_of(browser.post(address, form, follow=True))
        assert total in saved
    assert "Lower: talk about it" in saved
    with here.scope():
        assert [one.answers for one in MeasureResponse.objects.filter(client=noor).order_by("pk")] == [
            {"TOTAL": 385}, {"TOTAL": 375},
        ]  # fmt: skip


def test_change_is_said_against_the_first_time_and_the_time_before(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        asked(here, noor, "phq9", phq9(*[2] * 8, 0), taken_on=today(here) - timedelta(days=60))
        asked(here, noor, "phq9", phq9(2, 2, 2, 2, 2, 1, 1, 0, 0), taken_on=today(here) - timedelta(days=30))
        last = asked(here, noor, "phq9", phq9(1, 1, 1, 1, 1, 1, 1, 1, 0))
    shown = text_of(signed_in(here.therapist).get(page(here, "measure_detail", last.public_id)))
    assert "Reliable recovery" in shown, "16 to 8"
    assert "Below the cut now; the change may be chance" in shown, "12 to 8"


def test_licensed_words_stand_in_the_place_of_numbers(world: World, noor: Client) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    address = page(here, "measure_record", noor.public_id, "audit")
    assert "2. Question 2" in text_of(browser.get(address))
    with here.scope():
        InstrumentAttestation.objects.filter(key="audit").update(wording={"A2": "Words of the license"})
    shown = text_of(browser.get(address))
    assert "2. Words of the license" in shown
    assert "1. Question 1" in shown


def test_the_same_form_twice_is_one_response_and_its_draft_is_let_go(world: World, noor: Client) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, "measure_record", noor.public_id, "phq9")
    shown = text_of(browser.get(address))
    draft_url = shown.partition('data-draft-url="')[2].partition('"')[0]
    assert browser.post(draft_url, {"P1": "2", "taken_on": today(here).isoformat()}).status_code == 204
    shown = text_of(browser.get(address))
    assert shown.count("checked") >= 2, "the draft's answer is chosen again"
    form = {**typed(world, T17), **hidden(shown)}
    for _n in range(2):
        assert browser.post(address, form).status_code == 302
    with here.scope():
        assert MeasureResponse.objects.filter(client=noor).count() == 1
        assert not Draft.objects.filter(user=here.therapist).filter(key__startswith="measure_record").exists()


# --- taking back, planning ------------------------------------------------------------------------------------------


def test_answers_are_taken_back_with_a_reason(world: World) -> None:
    here = world.here
    response = here.rows["response"]
    browser: Any = signed_in(here.therapist)
    address = page(here, "measure_take_back", response.public_id)
    shown = text_of(browser.get(address))
    refused = browser.post(address, {"reason": " ", **hidden(shown)})
    assert refused.status_code == 422
    done = text_of(browser.post(address, {"reason": "Of somebody else", **hidden(shown)}, follow=True))
    assert "The answers are taken back." in done
    assert "Taken back" in done
    detail = text_of(browser.get(page(here, "measure_detail", response.public_id)))
    assert "Of somebody else" in detail
    assert "take-back" not in detail
    again = browser.post(address, {"reason": "Again", **hidden(text_of(browser.get(address)))})
    assert "taken back in the meantime" in text_of(again)


@pytest.mark.parametrize(("role", "status"), [("supervisor", 403), ("coordinator", 403), ("other_therapist", 404)])
def test_who_may_not_take_back(world: World, role: str, status: int) -> None:
    here = world.here
    browser = signed_in(getattr(here, role))
    assert browser.get(page(here, "measure_take_back", here.rows["response"].public_id)).status_code == status


def test_a_measure_is_planned_changed_and_asked_no_longer(world: World, noor: Client) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, "measure_plan", noor.public_id, "gad7")
    shown = text_of(browser.get(address))
    assert 'value="14"' in shown, "as often as the definition says"
    form = {"every_days": "21", "next_due_on": today(here).isoformat(), **hidden(shown)}
    listed = text_of(browser.post(address, form, follow=True))
    assert "every 21 days" in listed
    assert "Due" in listed
    stale = hidden(text_of(browser.get(address)))
    with here.scope(here.therapist):
        measures.plan(client=noor, key="gad7", every_days=28, next_due_on=today(here), by=here.therapist, version=1)
    refused = browser.post(address, {**form, "every_days": "7", **stale})
    assert refused.status_code == 422
    assert "Two texts for one record" in text_of(refused)
    with here.scope():
        schedule = MeasureSchedule.objects.get(client=noor)
    end = page(here, "measure_plan_end", schedule.public_id)
    assert "in the meantime" in text_of(browser.post(end, {"version": "1"}, follow=True))
    assert "open too long" in text_of(browser.post(end, {}, follow=True))
    assert "It is not asked any more." in text_of(browser.post(end, {"version": "2"}, follow=True))
    assert browser.get(end).status_code == 405


@pytest.mark.parametrize("days", ["0", "367", "x", ""])
def test_a_plan_that_cannot_be_is_refused(world: World, noor: Client, days: str) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, "measure_plan", noor.public_id, "gad7")
    form = {"every_days": days, "next_due_on": "2026-12-01", **hidden(text_of(browser.get(address)))}
    assert browser.post(address, form).status_code == 422


def test_every_page_of_answers_is_in_the_trail_and_no_answer_is(world: World) -> None:
    here = world.here
    since = len(events(here))
    browser = signed_in(here.therapist)
    browser.get(page(here, "measure_list", here.client.public_id))
    browser.get(page(here, "measure_detail", here.rows["response"].public_id))
    found = [(one.action, one.client_ref, one.purpose) for one in events(here, since)]
    assert ("client.viewed", here.client.pk, "care") in found
    assert ("measureresponse.viewed", here.client.pk, "care") in found
    with here.scope():
        for event in AuditEvent.objects.filter(action__startswith="measure"):
            assert not {"answers", "value", "level"} & set(event.detail)


def test_a_joined_record_is_read_with_the_one_that_was_kept(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        response = asked(here, noor, "gad7", {f"G{n}": 3 for n in range(1, 8)})
        noor.episodes.update(status="closed", closed_on=NOW.date())
        merging.merge(kept=here.client, absorbed=noor, reason="The same", by=here.coordinator, now=NOW)
    shown = text_of(signed_in(here.therapist).get(page(here, "measure_list", here.client.public_id)))
    assert page(here, "measure_detail", response.public_id) in shown


def test_each_page_asks_few_questions_whatever_was_answered(world: World) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    addresses = {
        "list": page(here, "measure_list", here.client.public_id),
        "entry": page(here, "measure_record", here.client.public_id, "phq9"),
        "plan": page(here, "measure_plan", here.client.public_id, "phq9"),
        "link": page(here, "measure_link", here.client.public_id, "phq9"),
        "detail": page(here, "measure_detail", here.rows["response"].public_id),
        "take back": page(here, "measure_take_back", here.rows["response"].public_id),
    }
    for address in addresses.values():  # definitions are read once in a process
        browser.get(address)
    before = {name: len(questions_of(browser, address) or ()) for name, address in addresses.items()}
    with here.scope():
        grow(here)
    browser.get(addresses["list"])
    after = {name: len(questions_of(browser, address) or ()) for name, address in addresses.items()}
    assert max(before.values()) <= BUDGET, before
    assert after == before
