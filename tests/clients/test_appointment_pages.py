"""Booking, moving and attendance through the browser."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from clients.models import Appointment, Episode
from clinics.models import Program
from tests.clients.people import events, hidden, page, signed_in, today
from tests.world import World


def booking(browser: Browser, world: World, **other: str) -> tuple[str, dict[str, str]]:
    here = world.here
    address = page(here, "appointment_create", here.client.public_id)
    return address, {
        "kind": "treatment", "therapist": str(here.therapist.public_id), "start_on": str(today(here) + timedelta(days=3)),
        "start_time": "09:00", "duration_min": "50", "episode": str(here.episode.public_id),
        **hidden(browser.get(address).content.decode()), **other,
    }  # fmt: skip


def newest(world: World) -> Appointment:
    with world.here.scope():
        found: Appointment = Appointment.objects.latest("pk")
    return found


def move(browser: Browser, world: World, appointment: Appointment, **other: str) -> tuple[str, dict[str, str]]:
    address, form = booking(browser, world)
    address = page(world.here, "appointment_edit", appointment.public_id)
    form.pop("repeat_key")
    return address, {**form, **hidden(browser.get(address).content.decode()), **other}


@pytest.mark.parametrize("who", ["coordinator", "therapist", "supervisor"])
def test_who_may_books_once_however_often_it_is_sent(world: World, who: str) -> None:
    browser = signed_in(getattr(world.here, who))
    address, form = booking(browser, world)
    with world.here.scope():
        before = Appointment.objects.count()
    assert [browser.post(address, form).status_code for _n in range(2)] == [302, 302]
    with world.here.scope():
        assert Appointment.objects.count() == before + 1
    assert browser.post(address, {**form, "duration_min": "30"}).status_code == 422
    assert "appointment.booked" in [e.action for e in events(world.here)]


def test_a_therapist_who_books_is_offered_first(world: World) -> None:
    browser = signed_in(world.here.therapist)
    shown = browser.get(page(world.here, "appointment_create", world.here.client.public_id)).content.decode()
    assert f'value="{world.here.therapist.public_id}" selected' in shown


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"kind": ""}, "Choose what it is."),
        ({"kind": "party"}, "Choose what it is."),
        ({"therapist": ""}, "Choose the therapist who will see them."),
        ({"start_on": ""}, "Enter the day."),
        ({"start_on": "2026-02-30"}, "Enter a real date: year, month and day."),
        ({"start_on": "2000-01-01"}, "This day is before the admission."),
        ({"start_on": "2999-01-01"}, "This day is more than two years ahead."),
        ({"start_time": ""}, "Enter the time."),
        ({"start_time": "25:00"}, "Enter a time, such as 09:30 or 14:00."),
        ({"start_on": "2027-03-14", "start_time": "02:30"}, "the clocks go forward and 2:30 a.m. does not come"),
        ({"duration_min": "4"}, "An appointment takes at least 5 minutes."),
        ({"duration_min": "601"}, "An appointment takes at most 600 minutes."),
        ({"duration_min": "an hour"}, "Enter the minutes as a number, such as 50."),
        ({"duration_min": "9" * 5000}, "Enter the minutes as a number, such as 50."),
        ({"episode": "not-an-id"}, "Choose the program it belongs to."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_booked(world: World, wrong: dict[str, str], sentence: str) -> None:
    browser = signed_in(world.here.coordinator)
    with world.here.scope():
        before = Appointment.objects.count()
    address, form = booking(browser, world, **wrong)
    answer = browser.post(address, form)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    with world.here.scope():
        assert Appointment.objects.count() == before


def test_the_neighbour_s_therapist_and_episode_are_no_choices(world: World) -> None:
    browser = signed_in(world.here.coordinator)
    for field, row in (("therapist", world.neighbour.therapist), ("episode", world.neighbour.episode)):
        address, form = booking(browser, world, **{field: str(row.public_id)})
        assert browser.post(address, form).status_code == 422


def test_a_person_in_two_programs_is_booked_for_one_of_them(world: World) -> None:
    here = world.here
    with here.scope():
        program = Program.objects.create(clinic=here.clinic, name="Intensive outpatient")
        second = Episode.objects.create(
            clinic=here.clinic, client=here.client, program=program, admitted_on=date(2026, 9, 1)
        )
    browser = signed_in(here.coordinator)
    address, form = booking(browser, world, episode=str(second.public_id))
    assert "Intensive outpatient" in browser.get(address).content.decode()
    assert browser.post(address, form).status_code == 302
    assert newest(world).episode_id == second.pk


def test_nobody_is_booked_without_an_open_episode_and_the_page_says_so(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    address, form = booking(browser, world)
    with here.scope():
        Episode.objects.update(status="closed", closed_on=date(2026, 11, 1))
    assert "Not in care now" in browser.get(address).content.decode()
    assert browser.post(address, form).status_code == 422
    detail = browser.get(page(here, "client_detail", here.client.public_id)).content.decode()
    assert address not in detail


def test_the_clinic_s_time_is_stored_and_shown_again(world: World) -> None:
    browser = signed_in(world.here.coordinator)
    address, form = booking(browser, world, start_on="2027-03-15", start_time="21:15")
    answer = browser.post(address, form, follow=True)
    assert newest(world).starts_at == datetime(2027, 3, 16, 2, 15, tzinfo=UTC)
    assert newest(world).service_on == date(2027, 3, 15)
    assert "Mon, Mar 15, 2027, 9:15 p.m." in answer.content.decode()


def test_an_appointment_is_moved_and_a_stale_form_shows_both(world: World) -> None:
    browser = signed_in(world.here.coordinator)
    browser.post(*booking(browser, world))
    appointment = newest(world)
    address, form = move(browser, world, appointment, start_time="10:00")
    assert [browser.post(address, form).status_code for _n in range(2)] == [302, 302]
    stale = browser.post(address, {**form, "start_time": "11:00"})
    text = stale.content.decode()
    assert stale.status_code == 422
    assert "10 a.m." in text
    assert "11 a.m." in text
    again = browser.post(address, {**form, "start_time": "11:00", **hidden(text)})
    assert again.status_code == 302
    assert [e.action for e in events(world.here)].count("appointment.moved") == 2


def attend(browser: Browser, world: World, appointment: Any, code: str, **other: str) -> Any:
    address = page(world.here, "appointment_attendance", appointment.public_id)
    return browser.post(address, {"attendance": code, **hidden(browser.get(address).content.decode()), **other})


def test_attendance_is_recorded_corrected_and_then_keeps_the_time(world: World) -> None:
    browser = signed_in(world.here.therapist)
    browser.post(*booking(browser, world, start_on=str(today(world.here) - timedelta(days=1))))
    appointment = newest(world)
    assert attend(browser, world, appointment, "no_show").status_code == 302
    assert (
        "Did not attend" in browser.get(page(world.here, "client_detail", world.here.client.public_id)).content.decode()
    )
    assert attend(browser, world, appointment, "attended_late").status_code == 302
    stale = attend(browser, world, appointment, "attended", version="1")
    assert stale.status_code == 422
    assert "Attended, late" in stale.content.decode()
    address, form = move(browser, world, appointment, start_time="10:00")
    kept = browser.post(address, form)
    assert kept.status_code == 422
    assert "Attendance is recorded for this appointment" in kept.content.decode()


@pytest.mark.parametrize("code", ["", "perhaps", "\x00"])
def test_an_unknown_code_is_refused(world: World, code: str) -> None:
    browser = signed_in(world.here.therapist)
    answer = attend(browser, world, world.here.appointment, code)
    assert answer.status_code == 422
    assert "Choose what happened." in answer.content.decode()


def test_what_lies_ahead_is_canceled_but_not_attended(world: World) -> None:
    browser = signed_in(world.here.coordinator)
    browser.post(*booking(browser, world))
    refused = attend(browser, world, newest(world), "attended")
    assert refused.status_code == 422
    assert "This appointment has not begun." in refused.content.decode()
    assert attend(browser, world, newest(world), "client_cancel").status_code == 302


def test_all_appointments_are_listed_in_pages_newest_first(world: World) -> None:
    here = world.here
    with here.scope():
        Appointment.objects.bulk_create(
            Appointment(
                clinic=here.clinic, client=here.client, episode=here.episode, therapist=here.therapist,
                starts_at=datetime(2026, 9, 2, tzinfo=UTC) + timedelta(hours=n), service_on=date(2026, 9, 2),
            )
            for n in range(60)
        )  # fmt: skip
        expected = list(Appointment.objects.filter(client=here.client).order_by("-starts_at", "-id"))
    browser = signed_in(here.therapist)
    address = page(here, "appointment_list", here.client.public_id)
    first = browser.get(address)
    second = browser.get(address + first.context["after_url"])
    shown = [line.appointment for answer in (first, second) for line in answer.context["rows"]]
    assert shown == expected
    detail = browser.get(page(here, "client_detail", here.client.public_id)).content.decode()
    assert "All appointments" in detail
