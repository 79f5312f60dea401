"""Verbs on people in care: what they keep, refuse and record."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now

from clients.models import Appointment, CaseloadAssignment, Client, Episode
from clients.models.appointments import Attendance
from clients.rules.clock import NoSuchTime
from clients.rules.dates import ImpossibleDate
from clients.services import appointments, caseload, people, targets
from clinics.models import Membership, ReferenceCounter
from clinics.versions import Stale
from tests.clients.people import events
from tests.world import NOW, World


def recording(world: World, **other: Any) -> dict[str, Any]:
    here = world.here
    return {
        "clinic": here.clinic, "legal_name": "Noor Rivers", "goes_by": "", "pronouns": "", "born_on": date(1990, 5, 6),
        "by": here.coordinator, "now": NOW, **other,
    }  # fmt: skip


def opening(world: World, client: Client, **other: Any) -> dict[str, Any]:
    return {
        "client": client, "program": world.here.program, "admitted_on": date(2026, 11, 18),
        "by": world.here.coordinator, "now": NOW, **other,
    }  # fmt: skip


def booking(world: World, **other: Any) -> dict[str, Any]:
    here = world.here
    return {
        "client": here.client, "episode": here.episode, "kind": "treatment", "therapist": here.therapist,
        "start_on": date(2026, 11, 23), "start_time": time(9, 0), "duration_min": 50, "by": here.coordinator,
        "now": NOW, **other,
    }  # fmt: skip


def counts() -> list[int]:
    return [m.objects.count() for m in (Client, Episode, CaseloadAssignment, Appointment)] + [
        ReferenceCounter.objects.get(kind="client").last
    ]


# --- record and episode ---------------------------------------------------------------------------------------------


def test_a_record_and_an_episode_each_make_one_event(world: World) -> None:
    seen = len(events(world.here))
    with world.here.scope():
        client = people.record_client(**recording(world, legal_name="  Noor\u202e  Núñez ", goes_by="Nour"))
        episode = people.open_episode(**opening(world, client))
        assigned = caseload.assign(client=client, user=world.here.therapist, by=world.here.coordinator)
        now = Client.objects.filter(pk=client.pk).values_list(Now(), flat=True).get()
        assigned.refresh_from_db()
    assert (client.legal_name, client.family_key, client.given_key, client.goes_by_key) == (
        "Noor Núñez", "nunez", "noor", "nour",
    )  # fmt: skip
    assert client.reference == "RB-2002"
    assert (episode.status, episode.admitted_on, episode.program_id) == (
        "open",
        date(2026, 11, 18),
        world.here.program.pk,
    )
    assert (assigned.user_id, assigned.ends_at) == (world.here.therapist.pk, None)
    assert timedelta(0) <= now - assigned.starts_at < timedelta(minutes=1)
    assert [(e.action, e.actor_id, e.client_ref) for e in events(world.here, seen)] == [
        ("client.recorded", world.here.coordinator.pk, client.pk),
        ("episode.opened", world.here.coordinator.pk, client.pk),
        ("caseload.assigned", world.here.coordinator.pk, client.pk),
    ]


@pytest.mark.parametrize(
    ("other", "refused"),
    [({"legal_name": " \x00 \u202e "}, people.NoName), ({"born_on": date(2027, 1, 1)}, ImpossibleDate)],
)
def test_what_cannot_be_right_is_not_recorded(world: World, other: dict[str, Any], refused: type[Exception]) -> None:
    with world.here.scope():
        before = counts()
        with pytest.raises(refused):
            people.record_client(**recording(world, **other))
        assert counts() == before


def test_nobody_is_admitted_tomorrow(world: World) -> None:
    with world.here.scope():
        before = counts()
        with pytest.raises(ImpossibleDate):
            people.open_episode(**opening(world, world.here.client, admitted_on=date(2026, 11, 20)))
        assert counts() == before


@pytest.mark.parametrize(
    "who",
    [
        lambda w: w.here.supervisor,
        lambda w: w.here.administrator,
        lambda w: w.neighbour.therapist,
    ],
)
def test_only_who_is_a_therapist_here_takes_people(world: World, who: Callable[[World], Any]) -> None:
    with world.here.scope():
        before = counts()
        with pytest.raises(caseload.NotATherapist):
            caseload.assign(client=world.here.client, user=who(world), by=world.here.coordinator)
        with pytest.raises(caseload.NotATherapist):
            appointments.book(**booking(world, therapist=who(world)))
        assert counts() == before


def test_a_therapist_whose_membership_has_ended_takes_nobody(world: World) -> None:
    with world.here.scope():
        Membership.objects.filter(user=world.here.therapist).update(ends_at=Now())
        with pytest.raises(caseload.NotATherapist):
            caseload.assign(client=world.here.client, user=world.here.therapist, by=None)


# --- correcting -----------------------------------------------------------------------------------------------------


def correction(world: World, **other: Any) -> dict[str, Any]:
    return {
        "client": world.here.client, "version": 1, "legal_name": "Jordan Marsh", "goes_by": "Jo", "pronouns": "they",
        "born_on": None, "family": "", "given": "", "by": world.here.coordinator, "now": NOW, **other,
    }  # fmt: skip


def test_correcting_derives_the_keys_and_says_which_fields_changed(world: World) -> None:
    seen = len(events(world.here))
    with world.here.scope():
        client = people.change_client(**correction(world, legal_name="Jordan de la Cruz"))
        client.refresh_from_db()
    assert (client.family_key, client.given_key, client.goes_by_key, client.version) == ("delacruz", "jordan", "jo", 2)
    (event,) = events(world.here, seen)
    assert event.detail == {"fields": ["born_on", "family_key", "goes_by", "goes_by_key", "legal_name", "pronouns"]}


def test_the_keys_can_be_overruled(world: World) -> None:
    with world.here.scope():
        client = people.change_client(**correction(world, family="Marsh-Öz", given="J."))
    assert (client.family_key, client.given_key) == ("marshoz", "j")


def test_a_correction_that_changes_nothing_leaves_version_and_trail_alone(world: World) -> None:
    with world.here.scope():
        people.change_client(**correction(world))
        seen = len(events(world.here))
        people.change_client(**correction(world, version=2))
        assert Client.objects.get(pk=world.here.client.pk).version == 2
    assert not events(world.here, seen)


def test_a_stale_correction_overwrites_nothing(world: World) -> None:
    with world.here.scope():
        people.change_client(**correction(world, goes_by="First"))
        with pytest.raises(Stale) as stale:
            people.change_client(**correction(world, goes_by="Second"))
        assert stale.value.current.goes_by == "First"
        assert Client.objects.get(pk=world.here.client.pk).goes_by == "First"


def test_what_they_want_to_change_lies_encrypted_and_is_set_aside_once(world: World) -> None:
    by = world.here.therapist
    with world.here.scope():
        target = targets.add(client=world.here.client, terms=targets.Terms(" drink less CANARY\x00 "), by=by)
        with connection.cursor() as cursor:
            cursor.execute("select goal from clients_changetarget where id = %s", [target.pk])
            assert b"CANARY" not in bytes(cursor.fetchone()[0])
        target.refresh_from_db()
        assert target.goal == "drink less CANARY"
        seen = len(events(world.here))
        targets.set_aside(target=target, by=by)
        targets.set_aside(target=target, by=by)
        assert not target.is_active
    assert [e.action for e in events(world.here, seen)] == ["change_target.ended"]


# --- caseload -------------------------------------------------------------------------------------------------------


def test_assigning_twice_is_one_assignment(world: World) -> None:
    seen = len(events(world.here))
    with world.here.scope():
        for _n in range(2):
            caseload.assign(client=world.here.client, user=world.here.other_therapist, by=None, reason="Covers")
        held = CaseloadAssignment.objects.filter(user=world.here.other_therapist)
        assert sorted(held.values_list("client", "reason")) == [
            (world.here.client.pk, "Covers"), (world.here.merge.absorbed.pk, "Records joined"),
        ]  # fmt: skip
    assert [e.action for e in events(world.here, seen)] == ["caseload.assigned"]


def test_ending_a_caseload_takes_the_record_out_of_sight_at_once(world: World) -> None:
    here = world.here
    with here.scope():
        assert Client.objects.permitted(here.therapist, "clinics.view_client").exists()
        assert caseload.end(client=here.client, user=here.therapist, by=here.administrator, reason="Moved") is True
        assert not Client.objects.permitted(here.therapist, "clinics.view_client").exists()
        assert not Client.objects.permitted(here.supervisor, "clinics.view_client").exists()
        assert caseload.end(client=here.client, user=here.therapist, by=here.administrator) is False


# --- appointments ---------------------------------------------------------------------------------------------------


def test_a_booking_is_an_instant_and_the_clinic_s_own_date(world: World) -> None:
    with world.here.scope():
        late = appointments.book(**booking(world, start_time=time(21, 30)))
        late.refresh_from_db()
    assert late.starts_at == datetime(2026, 11, 24, 3, 30, tzinfo=UTC)
    assert late.service_on == date(2026, 11, 23)


def test_recurring_wall_time_survives_both_switches(world: World) -> None:
    with world.here.scope():
        Episode.objects.update(admitted_on=date(2026, 1, 5))
        world.here.episode.refresh_from_db()
        hours = [
            appointments.book(**booking(world, start_on=day)).starts_at.hour
            for day in (date(2026, 3, 7), date(2026, 3, 8), date(2026, 10, 31), date(2026, 11, 1))
        ]
        with pytest.raises(NoSuchTime):
            appointments.book(**booking(world, start_on=date(2026, 3, 8), start_time=time(2, 30)))
    assert hours == [15, 14, 14, 15]


def test_a_closed_episode_or_another_person_s_books_nothing(world: World) -> None:
    with world.here.scope():
        other = people.record_client(**recording(world))
        with pytest.raises(appointments.NoOpenEpisode):
            appointments.book(**booking(world, client=other))
        Episode.objects.filter(pk=world.here.episode.pk).update(status="closed", closed_on=date(2026, 11, 1))
        world.here.episode.refresh_from_db()
        with pytest.raises(appointments.NoOpenEpisode):
            appointments.book(**booking(world))


@pytest.mark.parametrize("code", Attendance.values)
def test_each_of_the_eight_codes_is_recorded_and_can_be_corrected(world: World, code: str) -> None:
    by = world.here.coordinator
    with world.here.scope():
        booked = appointments.book(**booking(world, start_on=date(2026, 11, 18)))
        seen = len(events(world.here))
        told: dict[str, Any] = {"appointment": booked, "by": by, "now": NOW}
        appointments.record_attendance(version=1, attendance=code, **told)
        other = "no_show" if code != "no_show" else "attended"
        appointments.record_attendance(version=2, attendance=other, **told)
        with pytest.raises(Stale):
            appointments.record_attendance(version=2, attendance=code, **told)
    assert [(e.action, e.detail["from"], e.detail["to"]) for e in events(world.here, seen)] == [
        ("appointment.attendance_recorded", "", code),
        ("appointment.attendance_corrected", code, other),
    ]


def test_an_appointment_moves_until_its_attendance_is_recorded(world: World) -> None:
    with world.here.scope():
        booked = appointments.book(**booking(world))
        change = {k: v for k, v in booking(world, start_time=time(10, 0)).items() if k not in ("client", "episode")}
        moved = appointments.move(appointment=booked, version=1, **change)
        assert (moved.starts_at.hour, moved.version) == (16, 2)
        appointments.record_attendance(
            appointment=moved, version=2, attendance="clinic_cancel", by=world.here.coordinator, now=NOW
        )
        with pytest.raises(appointments.TimeIsKept):
            appointments.move(appointment=booked, version=3, **change)
        with pytest.raises(Stale):
            appointments.move(appointment=booked, version=1, **change)
