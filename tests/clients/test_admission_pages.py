"""The pages from booking an assessment to taking an admission back, through the browser."""

from datetime import timedelta

import pytest
from django.test import Client as Browser

from clients.models import Admission, Appointment, Client, Episode, Inquiry
from clients.services import admission
from tests.clients import admission as at
from tests.clients.admission_pages import made, now_is_now, status, text_of  # noqa: F401 - a fixture
from tests.clients.people import ABSENT_ID, hidden, page, signed_in, today
from tests.world import World

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
