"""The card of sessions on a person's page, and what a recorded session holds fast."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from clients.models import Appointment
from clients.services import appointments, caseload
from sessions.models import TherapySession
from tests.clients.people import hidden, page, signed_in
from tests.world import World

HEADING = 'id="sessions"'


def shown(world: World, user: Any) -> str:
    address = page(world.here, "client_detail", world.here.client.public_id)
    return signed_in(user).get(address).content.decode()


def test_the_card_links_the_sessions_to_who_may_open_them_and_to_nobody_else(world: World) -> None:
    here = world.here
    with here.scope():
        links = [page(here, "session_detail", s.public_id) for s in TherapySession.objects.all()]
    assert links
    for user in (here.therapist, here.supervisor):
        text = shown(world, user)
        assert all(link in text for link in links), user
        for link in links:
            assert signed_in(user).get(link).status_code == 200
    for user in (here.coordinator, here.privacy_officer):
        text = shown(world, user)
        assert HEADING not in text
        assert not any(link in text for link in links)


def test_an_appointment_that_is_not_recorded_is_offered_to_its_therapist_alone(world: World) -> None:
    here = world.here
    with here.scope():
        booked = Appointment.objects.create(
            clinic=here.clinic, client=here.client, episode=here.episode, therapist=here.therapist,
            starts_at=timezone.now() - timedelta(hours=1), service_on=timezone.now().date(),
        )  # fmt: skip
    link = page(here, "session_record", booked.public_id)
    assert link in shown(world, here.therapist)
    assert link not in shown(world, here.supervisor)


def test_a_person_without_sessions_has_an_empty_card(world: World) -> None:
    here = world.here
    with here.scope():
        other = here.client
        other.pk, other.public_id, other.reference = None, "0f2f5f1a-0000-4000-8000-00000000abcd", "RB-9999"
        other.save()
        caseload.assign(client=other, user=here.therapist, by=None)
    text = signed_in(here.therapist).get(page(here, "client_detail", other.public_id)).content.decode()
    assert "First session not held yet." in text


def test_a_recorded_session_keeps_its_appointment_attended(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    address = page(here, "appointment_attendance", here.appointment.public_id)
    form = hidden(browser.get(address).content.decode())
    refused = browser.post(address, {**form, "attendance": "no_show"})
    assert refused.status_code == 422
    assert "A session is recorded for this appointment" in refused.content.decode()
    with here.scope():
        assert Appointment.objects.get(pk=here.appointment.pk).attendance == "attended"
    assert browser.post(address, {**form, "attendance": "attended_late"}).status_code == 302


@pytest.mark.parametrize("code", ["no_show", "late_cancel", "client_cancel", "clinic_cancel", "rescheduled", ""])
def test_no_other_path_says_a_recorded_session_was_not_held(world: World, code: str) -> None:
    rows = Appointment.unscoped.filter(pk=world.here.appointment.pk)
    with world.here.scope():
        with pytest.raises(DatabaseError, match="a session is recorded"), transaction.atomic():
            rows.update(attendance=code)
        with pytest.raises(appointments.SessionIsRecorded):
            appointments.record_attendance(
                appointment=world.here.appointment, version=1, attendance=code, by=world.here.coordinator,
                now=timezone.now(),
            )  # fmt: skip
        assert rows.get().attendance == "attended"
