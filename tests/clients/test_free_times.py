"""A therapist is not booked twice for the same time, unless somebody says that it is meant so."""

import threading
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Appointment
from clients.rules import clock
from clients.services import appointments
from clients.services.free_times import TimeTaken, require_free
from clinics.tenancy import clinic_scope
from tests.api.test_clients_api import Caller
from tests.clients import admission as at
from tests.clients.calendar import ZONE
from tests.clients.people import in_care, page, signed_in, today
from tests.clients.test_appointment_pages import booking, move, newest
from tests.clinics.test_repeat import in_threads
from tests.world import NOW, Side, World

TEN = time(10)


def book(side: Side, day: date, hour: time = TEN, **other: Any) -> Appointment:
    """Book fifty minutes with the therapist, by the service. Call inside the clinic's scope."""
    choice = {
        "client": side.client, "episode": side.episode, "kind": "treatment", "therapist": side.therapist,
        "start_on": day, "start_time": hour, "duration_min": 50, "by": side.coordinator, "now": timezone.now(), **other,
    }  # fmt: skip
    return appointments.book(**choice)


def day_ahead(side: Side) -> date:
    """Return a day on which the world has nothing booked."""
    return today(side) + timedelta(days=9)


@pytest.mark.parametrize(
    ("hour", "minutes", "taken"),
    [
        (time(9, 10), 50, False),
        (time(9, 11), 50, True),
        (time(10, 0), 5, True),
        (time(10, 49), 5, True),
        (time(10, 50), 50, False),
        (time(9, 0), 600, True),
        (time(1, 0), 539, False),
        (time(1, 0), 541, True),
    ],
)
def test_a_time_is_taken_where_two_would_overlap(world: World, hour: time, minutes: int, taken: bool) -> None:
    with world.here.scope():
        day = day_ahead(world.here)
        book(world.here, day)
        if taken:
            with pytest.raises(TimeTaken, match=r"From 10 a\.m\. to 10:50 a\.m\. Therapist RB has another appointment"):
                book(world.here, day, hour, duration_min=minutes)
        else:
            book(world.here, day, hour, duration_min=minutes)


def test_a_long_one_that_began_before_takes_the_time_after_it(world: World) -> None:
    with world.here.scope():
        book(world.here, day_ahead(world.here), time(8), duration_min=600)
        with pytest.raises(TimeTaken):
            book(world.here, day_ahead(world.here), time(17, 59))


@pytest.mark.parametrize("code", ["late_cancel", "client_cancel", "clinic_cancel", "rescheduled"])
def test_what_was_called_off_and_somebody_else_s_time_are_free(world: World, code: str) -> None:
    here, day = world.here, day_ahead(world.here)
    with here.scope():
        first = book(here, day)
        book(here, day, therapist=here.other_therapist)
        Appointment.objects.filter(pk=first.pk).update(attendance=code)
        book(here, day)


def test_the_neighbour_s_bookings_take_no_time_here(world: World) -> None:
    with world.neighbour.scope():
        book(world.neighbour, day_ahead(world.here))
    with world.here.scope():
        book(world.here, day_ahead(world.here))


def test_moving_asks_only_for_another_time(world: World) -> None:
    here, day = world.here, day_ahead(world.here)
    with here.scope():
        book(here, day)
        second = book(here, day, beside=True)

        def to(hour: time, **other: Any) -> Appointment:
            return appointments.move(
                **{
                    "appointment": second, "version": second.version, "kind": "check_in", "therapist": here.therapist,
                    "start_on": day, "start_time": hour, "duration_min": 50, "by": here.coordinator, "now": timezone.now(), **other,
                }
            )  # fmt: skip

        second = to(TEN)
        with pytest.raises(TimeTaken):
            to(time(10, 5))
        with pytest.raises(TimeTaken):
            to(TEN, duration_min=60)
        second = to(time(10, 5), beside=True)
        assert second.starts_at == clock.instant(day, time(10, 5), ZONE)


def test_eight_at_once_book_one(world: World) -> None:
    """Real connections that commit: each waits until the one before it is done, and then sees it."""
    here, together, outcomes = world.here, threading.Barrier(8), []
    start = clock.instant(day_ahead(here), TEN, ZONE)

    def one() -> Appointment:
        return Appointment(
            clinic=here.clinic, client=here.client, episode=here.episode, therapist=here.therapist, starts_at=start,
            service_on=day_ahead(here),
        )  # fmt: skip

    def rival() -> None:
        with clinic_scope(here.clinic.pk):
            made = one()
            together.wait(10)
            try:
                require_free(made)
            except TimeTaken:
                outcomes.append("taken")
            else:
                made.save()
                outcomes.append("booked")

    def clear() -> None:
        with clinic_scope(here.clinic.pk):
            Appointment.objects.filter(starts_at=start).delete()

    in_threads([rival] * 8)
    in_threads([clear])
    assert sorted(outcomes) == ["booked", *["taken"] * 7]


def test_the_page_says_when_not_with_whom_and_asks_whether_both_are_meant(world: World) -> None:
    here, browser = world.here, signed_in(world.here.coordinator)
    with here.scope():
        other = in_care(here, "Noor Rivers")
        book(here, today(here) + timedelta(days=3), time(9), client=other, episode=other.episodes.get())
    address, form = booking(browser, world, start_time="09:30")
    assert 'name="beside"' not in browser.get(address).content.decode()
    answer = browser.post(address, form)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "From 9 a.m. to 9:50 a.m. Therapist RB has another appointment." in html
    assert "Rivers" not in html
    assert 'name="beside"' in html
    assert browser.post(address, {**form, "beside": "on"}).status_code == 302


def test_a_correction_into_a_taken_time_asks_too(world: World) -> None:
    here, browser = world.here, signed_in(world.here.coordinator)
    assert browser.post(*booking(browser, world)).status_code == 302
    assert browser.post(*booking(browser, world, start_time="11:00")).status_code == 302
    address, form = move(browser, world, newest(world), start_time="09:20")
    answer = browser.post(address, form)
    assert answer.status_code == 422
    assert 'name="beside"' in answer.content.decode()
    assert browser.post(address, {**form, "beside": "on"}).status_code == 302
    assert page(here, "client_detail", here.client.public_id)


def test_an_assessment_is_not_booked_into_a_taken_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    here = world.here
    with here.scope():
        inquiry = at.screened(here)
        book(here, today(here) + timedelta(days=2), time(14))
    caller = Caller(here, here.coordinator, ["view_inquiry", "change_inquiry", "view_client"])
    body = {
        "therapist": str(here.therapist.public_id), "start_on": str(today(here) + timedelta(days=2)),
        "start_time": "14:30",
    }  # fmt: skip
    path = f"/inquiries/{inquiry.public_id}/bookings/"
    refused = caller.send("post", path, body, **{"Idempotency-Key": "a"})
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["start_time"])
    assert caller.send("post", path, {**body, "beside": True}, **{"Idempotency-Key": "b"}).status_code == 201


def test_a_first_appointment_is_not_booked_into_a_taken_time(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry = at.ready(here)
        book(here, NOW.date() + timedelta(days=7), time(9))
        with pytest.raises(TimeTaken):
            at.admitted(here, inquiry, beside=False)
