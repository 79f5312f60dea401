"""Assessing somebody and deciding, in the pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from clients.models import Appointment, Assessment
from clients.rules import assessment as rules
from clinics.models import Draft
from tests.clients import admission as at
from tests.clients.admission_pages import made, now_is_now, status, text_of  # noqa: F401 - a fixture
from tests.clients.people import ABSENT_ID, hidden, page, signed_in, today
from tests.world import World


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
