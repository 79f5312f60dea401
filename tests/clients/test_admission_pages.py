"""The pages from booking an assessment to taking an admission back, through the browser."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Admission, Appointment, Assessment, Client, Episode, Inquiry, InterimOffer, WaitlistEntry
from clients.rules import assessment as rules
from clients.services import admission
from clinics.models import Draft
from tests.clients import admission as at
from tests.clients.people import ABSENT_ID, events, hidden, page, signed_in, today
from tests.world import Side, World


@pytest.fixture(autouse=True)
def now_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the rows of these tests be made now, as the pages make theirs."""
    monkeypatch.setattr(at, "NOW", timezone.now())


def made(side: Side, what: Any, *args: Any, **more: Any) -> Any:
    with side.scope():
        return what(side, *args, **more)


def status(side: Side, inquiry: Inquiry) -> str:
    with side.scope():
        return str(at.fresh(inquiry).status)


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def filled(content: rules.Assessment = at.WHOLE) -> dict[str, str]:
    """Return a whole assessment as a browser posts it."""
    form = {f"section_{key}": text for key, text in content.sections.items()}
    for number, one in enumerate(content.substances, start=1):
        given = {name: getattr(one, name) for name in ("substance", "route", "frequency", "first_use", "last_use")}
        form |= {f"{name}_{number}": str(value) for name, value in given.items()}
    form |= {f"rating_{key}": str(rating) for key, rating in content.ratings.items()}
    form |= {f"rationale_{key}": text for key, text in content.rationales.items()}
    return {**form, "level": content.level, "level_reasons": content.level_reasons}


# --- the inquiry leads on ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "who", "label"),
    [
        (at.screened, "coordinator", "Book the assessment"),
        (at.booked, "therapist", "Write the assessment"),
        (at.assessed, "therapist", "Decide"),
        (at.accepted, "coordinator", "Make the admission ready"),
        (at.accepted, "coordinator", "Put on the waiting list"),
    ],
)
def test_the_inquiry_names_the_next_thing_to_those_who_do_it(world: World, step: Any, who: str, label: str) -> None:
    here = world.here
    inquiry = made(here, step)
    address = page(here, "inquiry_detail", inquiry.public_id)
    assert label in text_of(signed_in(getattr(here, who)).get(address))
    other = here.therapist if who == "coordinator" else here.coordinator
    assert label not in text_of(signed_in(other).get(address))


def test_an_inquiry_before_screening_has_no_way_to_show(world: World) -> None:
    here = world.here
    shown = text_of(signed_in(here.coordinator).get(page(here, "inquiry_detail", here.rows["inquiry"].public_id)))
    assert "On the way to admission" not in shown


# --- booking --------------------------------------------------------------------------------------------------------


def test_a_slot_of_the_calendar_is_booked_once(world: World) -> None:
    here = world.here
    inquiry = made(here, at.screened)
    browser, day = signed_in(here.coordinator), today(here) + timedelta(days=2)
    address = page(here, "assessment_book", inquiry.public_id)
    shown = text_of(browser.get(f"{address}?on={day}&time=14:30&therapist={here.therapist.public_id}"))
    assert f'value="{day}"' in shown
    assert 'value="14:30"' in shown
    assert f'value="{here.therapist.public_id}" selected' in shown
    form = {
        "therapist": str(here.therapist.public_id), "start_on": str(day), "start_time": "14:30", "duration_min": "60",
        **hidden(shown),
    }  # fmt: skip
    first, second = (browser.post(address, form) for _n in range(2))
    assert (first.status_code, second.status_code, first.url) == (302, 302, second.url)
    assert status(here, inquiry) == "assessment_scheduled"
    with here.scope():
        assert Appointment.objects.filter(inquiry=inquiry).count() == 1
    again = browser.post(address, {**form, "repeat_key": "another"})
    assert again.status_code == 422
    assert "An assessment is booked already." in text_of(again)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"therapist": ABSENT_ID}, "Choose the therapist who sees them."),
        ({"start_on": "2020-01-01"}, "before they asked for care"),
        ({"start_on": "soon"}, "Enter a real date"),
        ({"start_time": ""}, "Enter the time of the assessment."),
        ({"duration_min": "4"}, "from 5 to 600"),
    ],
)
def test_a_wrong_booking_says_what_to_do_and_books_nothing(world: World, wrong: dict[str, str], sentence: str) -> None:
    here = world.here
    inquiry = made(here, at.screened)
    browser, address = signed_in(here.coordinator), page(here, "assessment_book", inquiry.public_id)
    form = {
        "therapist": str(here.therapist.public_id), "start_on": str(today(here)), "start_time": "14:30",
        "duration_min": "60", **hidden(text_of(browser.get(address + "?on=never&time=late&therapist=x"))), **wrong,
    }  # fmt: skip
    answer = browser.post(address, form)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert 'role="alert"' in text_of(answer)
    assert status(here, inquiry) == "screened"


def test_booking_before_screening_is_refused_with_409(world: World) -> None:
    here = world.here
    inquiry = here.rows["inquiry"]
    browser, address = signed_in(here.coordinator), page(here, "assessment_book", inquiry.public_id)
    form = {
        "therapist": str(here.therapist.public_id), "start_on": str(today(here)), "start_time": "14:30",
        "duration_min": "60", **hidden(text_of(browser.get(address))),
    }  # fmt: skip
    answer = browser.post(address, form)
    assert answer.status_code == 409
    assert "An inquiry does not go from" in text_of(answer)


# --- writing and signing -------------------------------------------------------------------------------------------


def begun(world: World) -> tuple[Browser, str, Assessment]:
    """Return the therapist's browser, the address of a fresh draft, and the draft."""
    here = world.here
    inquiry = made(here, at.booked)
    browser = signed_in(here.therapist)
    first, second = (browser.post(page(here, "assessment_begin", inquiry.public_id)) for _n in range(2))
    assert first.url == second.url
    with here.scope():
        return browser, first.url, Assessment.objects.select_related("inquiry").get(inquiry=inquiry)


def test_an_assessment_is_written_in_parts_and_signed(world: World) -> None:
    here = world.here
    browser, address, draft = begun(world)
    shown = text_of(browser.get(address))
    assert "Write the section “What brings them here”." in shown
    part = browser.post(address, {"section_need": "Mornings.", **hidden(shown)}, follow=True)
    assert "The assessment is saved." in text_of(part)
    whole = browser.post(address, {**filled(), "version": "2", "sign": "1"})
    assert whole.url == page(here, "assessment_sign", draft.public_id)
    shown = text_of(browser.get(whole.url))
    assert "Alcohol: by mouth, daily, since age 15, last: Today" in shown
    signed = browser.post(whole.url, hidden(shown), follow=True)
    assert "The assessment is signed." in text_of(signed)
    assert status(here, draft.inquiry) == "assessed"
    read = text_of(browser.get(page(here, "assessment_detail", draft.public_id)))
    assert "signed by" in read
    assert "This is not what was signed" not in read
    assert browser.get(address).status_code == 302
    assert browser.post(address, {**filled(), "version": "4"}).status_code == 302


def test_half_an_assessment_shows_what_is_missing_and_no_signature(world: World) -> None:
    browser, address, draft = begun(world)
    browser.post(address, {"section_need": "Mornings.", **hidden(text_of(browser.get(address)))})
    shown = text_of(browser.get(page(world.here, "assessment_sign", draft.public_id)))
    assert "Still to write" in shown
    assert "Sign the assessment</button>" not in shown
    answer = browser.post(page(world.here, "assessment_sign", draft.public_id), {"version": "2"})
    assert answer.status_code == 422
    assert status(world.here, draft.inquiry) == "assessment_scheduled"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"first_use_1": "eleven"}, "Enter a number from 0 to 110, or “not known”."),
        ({"substance_2": "4", "substance_1": "", "route_1": "", "frequency_1": "", "first_use_1": ""}, "in order"),
        ({"route_2": "1"}, "Name the substance of"),
        ({"substance_1": "99"}, "Choose an answer of the list."),
        ({"rating_1": "5"}, "Choose a rating."),
        ({"section_need": "x" * 8_001}, "Write at most 8000 characters; this has 8001."),
        ({"section_need": "a\x00b"}, "Something in this text cannot be kept."),
        ({"version": "x"}, "This form has lost its place."),
    ],
)
def test_what_cannot_be_kept_is_said_beside_it(world: World, wrong: dict[str, str], sentence: str) -> None:
    browser, address, draft = begun(world)
    answer = browser.post(address, {**filled(), **hidden(text_of(browser.get(address))), **wrong})
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    with world.here.scope():
        assert Assessment.objects.get(pk=draft.pk).version == 1


def test_a_number_may_be_not_known_and_is_shown_so(world: World) -> None:
    browser, address, draft = begun(world)
    browser.post(address, {**filled(), **hidden(text_of(browser.get(address))), "first_use_1": "Not known"})
    with world.here.scope():
        assert Assessment.objects.get(pk=draft.pk).substances[0]["first_use"] == -9
    assert 'value="Not known"' in text_of(browser.get(address))


def test_two_who_write_one_assessment_see_both_texts(world: World) -> None:
    here = world.here
    browser, address, _draft = begun(world)
    form = hidden(text_of(browser.get(address)))
    browser.post(address, {"section_need": "First words.", **form})
    stale = signed_in(here.supervisor).post(address, {"section_need": "Second words.", **form})
    assert stale.status_code == 422
    assert "First words." in text_of(stale)
    assert "Second words." in text_of(stale)


def test_a_draft_is_kept_while_it_is_typed_and_gone_when_it_is_saved(world: World) -> None:
    here = world.here
    browser, address, draft = begun(world)
    keep = page(here, "draft_save", f"assessment_edit:{draft.public_id}")
    assert browser.post(keep, {"section_mind": "Half a sen", "version": "1"}).status_code == 204
    shown = text_of(browser.get(address))
    assert "Half a sen" in shown
    browser.post(address, {"section_mind": "Whole.", **hidden(shown)})
    with here.scope():
        assert not Draft.objects.filter(user=here.therapist, key__startswith="assessment_edit").exists()


def test_a_signature_asks_who_one_is_again(world: World) -> None:
    here = world.here
    with here.scope():
        draft = at.drafted(here)
    browser = signed_in(here.therapist, confirmed=False)
    answer = browser.post(page(here, "assessment_sign", draft.public_id), {"version": str(draft.version)})
    assert answer.status_code == 302
    assert "/reauthenticate/" in answer.url
    with here.scope():
        assert Assessment.objects.get(pk=draft.pk).state == "draft"


def test_an_assessment_is_for_clinicians_of_the_person(world: World) -> None:
    here = world.here
    with here.scope():
        draft = at.drafted(here)
    for route in ("assessment_detail", "assessment_edit", "assessment_sign"):
        address = page(here, route, draft.public_id)
        for user in (here.coordinator, here.other_therapist, here.privacy_officer, here.administrator, here.coder):
            assert signed_in(user).get(address).status_code == 404, (route, user)
        assert signed_in(here.therapist).get(address).status_code == 200
        assert signed_in(world.neighbour.therapist).get(address).status_code == 404
    with here.scope():
        begin = page(here, "assessment_begin", draft.inquiry.public_id)
    assert signed_in(here.coordinator).post(begin).status_code == 403


# --- decision -------------------------------------------------------------------------------------------------------


def test_a_decision_is_made_beside_the_assessment(world: World) -> None:
    here = world.here
    inquiry = made(here, at.assessed)
    browser, address = signed_in(here.therapist), page(here, "decision_create", inquiry.public_id)
    shown = text_of(browser.get(address))
    assert "What brings them here, said at length." in shown
    form = {"outcome": "accepted", "level_of_care": "outpatient", "reason": "Fits.", **hidden(shown)}
    assert [browser.post(address, form).status_code for _n in range(2)] == [302, 302]
    assert status(here, inquiry) == "accepted"
    with here.scope():
        (decision,) = inquiry.decisions.all()
        assert decision.decided_by == here.therapist
    late = browser.post(address, {**form, "repeat_key": "another"})
    assert late.status_code == 409


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"outcome": ""}, "Choose what you decide."),
        ({"level_of_care": ""}, "Choose the level of care they are accepted for."),
        ({"reason": ""}, "Write why you decide so."),
        ({"outcome": "not_eligible"}, "Choose a reason that fits this decision."),
        ({"outcome": "not_eligible", "reason_code": "died"}, "Choose a reason"),
        ({"program": ABSENT_ID}, "Choose a program of this clinic."),
    ],
)
def test_a_decision_without_its_parts_is_refused(world: World, given: dict[str, str], sentence: str) -> None:
    here = world.here
    inquiry = made(here, at.assessed)
    browser, address = signed_in(here.therapist), page(here, "decision_create", inquiry.public_id)
    form = {
        "outcome": "accepted",
        "level_of_care": "outpatient",
        "reason": "Fits.",
        **hidden(text_of(browser.get(address))),
    }
    answer = browser.post(address, {**form, **given})
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert status(here, inquiry) == "assessed"


def test_a_coordinator_does_not_decide_and_a_neighbour_finds_nothing(world: World) -> None:
    here = world.here
    inquiry = made(here, at.assessed)
    address = page(here, "decision_create", inquiry.public_id)
    assert signed_in(here.coordinator).get(address).status_code == 403
    assert signed_in(here.other_therapist).get(address).status_code == 404
    assert signed_in(world.neighbour.therapist).get(address).status_code == 404
    there = page(world.neighbour, "decision_create", inquiry.public_id)
    assert signed_in(world.neighbour.therapist).get(there).status_code == 404


# --- waiting list --------------------------------------------------------------------------------------------------


def test_somebody_is_put_on_the_list_asked_offered_help_and_a_place(world: World) -> None:
    here = world.here
    inquiry = made(here, at.accepted)
    browser = signed_in(here.coordinator)
    address = page(here, "waitlist_join", inquiry.public_id)
    form = {"pregnant": "yes", "injects": "", **hidden(text_of(browser.get(address)))}
    assert [browser.post(address, form).status_code for _n in range(2)] == [302, 302]
    with here.scope():
        entry = WaitlistEntry.objects.get(inquiry=inquiry)
        assert entry.priority == 2
    shown = text_of(browser.get(page(here, "waitlist")))
    assert "Robin Vale" in shown
    assert "Place 1 · Pregnant" in shown
    assert "not asked yet" in shown
    answer = browser.post(page(here, "waitlist_check_in", entry.public_id), {"version": "1"}, follow=True)
    assert "last asked" in text_of(answer)
    stale = browser.post(page(here, "waitlist_check_in", entry.public_id), {"version": "1"}, follow=True)
    assert "Someone else saved this record in the meantime." in text_of(stale)
    help_at = page(here, "waitlist_meanwhile", entry.public_id)
    form = {
        "offer": "naloxone",
        "answer": "accepted",
        "words": "Two, for home.",
        **hidden(text_of(browser.get(help_at))),
    }
    assert [browser.post(help_at, form).status_code for _n in range(2)] == [302, 302]
    with here.scope():
        assert InterimOffer.objects.filter(entry=entry).count() == 1
    assert "Naloxone and how to use it · Yes" in text_of(browser.get(page(here, "waitlist")))
    offered = browser.post(page(here, "waitlist_offer", entry.public_id), {"version": "2"}, follow=True)
    assert "The place is offered." in text_of(offered)
    assert status(here, inquiry) == "accepted"
    gone = browser.post(page(here, "waitlist_offer", entry.public_id), {"version": "3"}, follow=True)
    assert "does not wait any more" in text_of(gone)


def test_the_list_is_read_by_those_who_see_the_people_and_asks_a_fixed_number_of_questions(world: World) -> None:
    here = world.here
    made(here, at.waiting)
    browser, address = signed_in(here.coordinator), page(here, "waitlist")

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(address).status_code == 200
        return len(asked)

    browser.get(page(here, "client_list"))
    seen = len(events(here))
    before = questions()
    assert [event.action for event in events(here, seen)].count("client.listed") == 1
    with here.scope():
        for name in ("Ana Vale", "Bo Vale", "Cy Vale"):
            inquiry = at.screened(here, name, born_on=None, gaps={"born_on": "not_known"})
            at.waiting(here, at.accepted(here, at.assessed(here, at.booked(here, inquiry))))
    assert questions() == before
    assert before <= 12
    assert signed_in(here.administrator).get(address).status_code == 403
    assert signed_in(here.coder).get(address).status_code == 403
    assert "Offer a place" not in text_of(signed_in(here.therapist).get(address))
    assert "Robin Vale" not in text_of(signed_in(here.other_therapist).get(address))
    assert "Robin Vale" not in text_of(signed_in(world.neighbour.coordinator).get(page(world.neighbour, "waitlist")))


def test_nobody_waits_says_so(world: World) -> None:
    with world.here.scope():
        WaitlistEntry.objects.update(ended_at=timezone.now(), ended="other")
    assert "Nobody is waiting." in text_of(signed_in(world.here.coordinator).get(page(world.here, "waitlist")))


# --- admission -----------------------------------------------------------------------------------------------------


def admit_form(browser: Browser, world: World, inquiry: Inquiry, **other: str) -> dict[str, str]:
    here = world.here
    shown = text_of(browser.get(page(here, "admission_create", inquiry.public_id)))
    with here.scope():
        program = at.program(here)
    return {
        "program": str(program.public_id), "therapist": str(here.therapist.public_id),
        "start_on": str(today(here) + timedelta(days=3)), "start_time": "09:00", "identity_check": "photo_id",
        **{key: str(code) for key, code in at.ANSWERS.items()},
        "repeat_key": hidden(shown.split('id="admit"')[1])["repeat_key"], **other,
    }  # fmt: skip


def test_an_accepted_person_is_admitted_once_and_the_therapist_reads_their_words(world: World) -> None:
    here = world.here
    inquiry = made(here, at.ready)
    browser, address = signed_in(here.coordinator), page(here, "admission_create", inquiry.public_id)
    form = admit_form(browser, world, inquiry)
    first, second = (browser.post(address, form) for _n in range(2))
    assert (first.status_code, first.url) == (302, second.url)
    with here.scope():
        made_ = Admission.objects.select_related("episode").get(inquiry=inquiry)
        assert (made_.episode.status, made_.admitted_by, made_.teds) == ("open", here.coordinator, at.ANSWERS)
    shown = text_of(signed_in(here.therapist).get(first.url))
    assert "In their own words" in shown
    assert "I want my mornings back." in shown
    assert "My daughter asked me." in shown


def test_the_page_lists_what_is_missing_with_where_it_is_mended(world: World) -> None:
    here = world.here
    inquiry = made(here, at.accepted)
    shown = text_of(signed_in(here.coordinator).get(page(here, "admission_create", inquiry.public_id)))
    for words in (
        "Give them the notice",
        "They sign the consent",
        "Check who they are",
        "Choose the first appointment",
    ):
        assert words in shown
    assert "The assessment is signed" in shown
    # What the assessment and the decision say is there already.
    assert '<option value="2" selected>Alcohol' in shown
    assert f'value="{here.therapist.public_id}" selected' in shown


def test_the_list_is_told_again_for_what_stands_in_the_form(world: World) -> None:
    here = world.here
    inquiry = made(here, at.ready)
    browser = signed_in(here.coordinator)
    address = page(here, "admission_ready", inquiry.public_id)
    form = admit_form(browser, world, inquiry)
    assert "Nothing is missing." in text_of(browser.post(address, form))
    part = text_of(browser.post(address, {**form, "identity_check": "", "race": "", "first_use_1": "many"}))
    assert "2 things are missing." in part
    assert "Answer 2 questions of the admission record" in part
    with here.scope():
        assert not Episode.objects.filter(client=inquiry.client).exists()


def test_the_notice_is_recorded_where_it_is_missing(world: World) -> None:
    here = world.here
    inquiry = made(here, at.accepted)
    browser, address = signed_in(here.coordinator), page(here, "notice_create", inquiry.public_id)
    shown = text_of(browser.get(page(here, "admission_create", inquiry.public_id)))
    key = hidden(shown.split("notice-title")[2])["repeat_key"]
    assert browser.post(address, {"answer": "", "repeat_key": key}).status_code == 422
    assert [browser.post(address, {"answer": "declined", "repeat_key": key}).status_code for _n in range(2)] == [
        302,
        302,
    ]
    with here.scope():
        assert inquiry.client.notices.count() == 1
    shown = text_of(browser.get(page(here, "admission_create", inquiry.public_id)))
    assert "The notice about confidentiality is given" in shown


def test_an_admission_that_lacks_a_row_is_refused_with_409_and_nothing_is_lost(world: World) -> None:
    here = world.here
    inquiry = made(here, at.accepted)
    browser, address = signed_in(here.coordinator), page(here, "admission_create", inquiry.public_id)
    answer = browser.post(address, admit_form(browser, world, inquiry))
    shown = text_of(answer)
    assert answer.status_code == 409
    assert "give them the notice about confidentiality; they sign the consent to treatment" in shown
    assert 'value="09:00"' in shown
    with here.scope():
        assert not Episode.objects.filter(client=inquiry.client).exists()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"program": ABSENT_ID}, "Choose the program they are admitted to."),
        ({"therapist": ABSENT_ID}, "Choose the therapist who will see them."),
        ({"start_on": "2020-01-01"}, "before the admission"),
        ({"identity_check": ""}, "Choose how you checked who they are."),
        ({"race": ""}, "Answer “Race”, or say that it is not known."),
        ({"first_use_1": "200"}, "Enter a number from 0 to 110"),
        ({"source": "7"}, "which court or agency"),
        ({"repeat_key": ""}, "This form has lost its number."),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_admitted(world: World, wrong: dict[str, str], sentence: str) -> None:
    here = world.here
    inquiry = made(here, at.ready)
    browser = signed_in(here.coordinator)
    answer = browser.post(
        page(here, "admission_create", inquiry.public_id), admit_form(browser, world, inquiry, **wrong)
    )
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert status(here, inquiry) == "accepted"


def test_the_neighbour_s_program_and_therapist_are_no_choices(world: World) -> None:
    here, there = world.here, world.neighbour
    inquiry = made(here, at.ready)
    browser, address = signed_in(here.coordinator), page(here, "admission_create", inquiry.public_id)
    for field, row in (("program", there.program), ("therapist", there.therapist)):
        form = admit_form(browser, world, inquiry, **{field: str(row.public_id)})
        assert browser.post(address, form).status_code == 422
    assert status(here, inquiry) == "accepted"


@pytest.mark.parametrize("route", ["admission_create", "admission_ready", "notice_create", "waitlist_join"])
def test_only_a_coordinator_admits(world: World, route: str) -> None:
    here = world.here
    inquiry = made(here, at.accepted)
    for side, user, expected in (
        (here, here.therapist, 403), (here, here.supervisor, 403), (here, here.privacy_officer, 403),
        (here, here.other_therapist, 404), (here, here.coder, 404),
        (world.neighbour, world.neighbour.coordinator, 404),
    ):  # fmt: skip
        assert signed_in(user).post(page(side, route, inquiry.public_id), {}).status_code == expected, user


def test_the_plain_step_to_admitted_is_refused_with_what_is_missing(world: World) -> None:
    here = world.here
    inquiry = made(here, at.ready)
    browser = signed_in(here.coordinator)
    for to in ("admitted", "waitlisted"):
        answer = browser.post(
            page(here, "inquiry_move", inquiry.public_id), {"to": to, "origin": "accepted", "repeat_key": f"k{to}"}
        )
        assert answer.status_code == 409, to
    assert status(here, inquiry) == "accepted"


# --- taking it back ------------------------------------------------------------------------------------------------


def test_a_supervisor_takes_an_admission_back(world: World) -> None:
    here = world.here
    done: Admission = made(here, at.admitted)
    address = page(here, "admission_undo", done.public_id)
    detail = page(here, "inquiry_detail", done.inquiry.public_id)
    assert "Take the admission back" in text_of(signed_in(here.supervisor).get(detail))
    assert "Take the admission back" not in text_of(signed_in(here.coordinator).get(detail))
    for user, expected in ((here.coordinator, 403), (here.therapist, 403), (here.coder, 404)):
        assert signed_in(user).post(address, {"reason": "Wrong."}).status_code == expected
    browser = signed_in(here.supervisor)
    assert browser.post(address, {"reason": ""}).status_code == 422
    answer = browser.post(address, {"reason": "Wrong person."}, follow=True)
    assert answer.status_code in (200, 404)  # the person is on nobody's caseload then
    assert status(here, done.inquiry) == "accepted"
    shown = text_of(signed_in(here.coordinator).get(page(here, "client_detail", done.client.public_id)))
    assert "taken back" in shown


def test_after_a_service_it_is_too_late(world: World) -> None:
    here = world.here
    done: Admission = made(here, at.admitted)
    with here.scope():
        Appointment.objects.filter(pk=done.first_appointment_id).update(attendance="attended")
    answer = signed_in(here.supervisor).post(page(here, "admission_undo", done.public_id), {"reason": "Wrong."})
    assert answer.status_code == 409
    assert "Discharge the person instead." in text_of(answer)
    assert status(here, done.inquiry) == "admitted"


def test_words_of_the_call_stay_with_those_who_may_read_them(world: World) -> None:
    here = world.here
    done: Admission = made(here, at.admitted)
    address = page(here, "client_detail", done.client.public_id)
    for user in (here.therapist, here.supervisor, here.coordinator):
        assert "I want my mornings back." in text_of(signed_in(user).get(address)), user
    with here.scope():
        assert admission.age_of(Client(born_on=today(here) - timedelta(days=1)), today(here)) == 0
    assert signed_in(here.other_therapist).get(address).status_code == 404
