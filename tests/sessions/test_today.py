"""Today: each role's true day, at the clinic's own hours, and nothing that cannot be opened."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from clients.models import Appointment, CaseloadAssignment
from clinics.models import AuditEvent
from clinics.roles import Role
from clinics.services import people
from sessions.models import ProgressNote
from sessions.selectors import today as selectors
from sessions.selectors.today import Booked
from tests.sessions.recording import booking, record, sign, signed_in
from tests.world import NOW, Side, World

CHICAGO = ZoneInfo("America/Chicago")
DAY = date(2026, 11, 19)


def _today(side: Side, user: Any) -> str:
    answer = signed_in(user).get(f"/clinics/{side.clinic.slug}/today/")
    assert answer.status_code == 200
    return answer.content.decode()


# --- the selectors, at given times --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "hours"), [(DAY, 24), (date(2026, 3, 8), 23), (date(2026, 11, 1), 25)], ids=["plain", "spring", "autumn"]
)
def test_a_day_is_the_clinics_over_both_changes_of_the_clocks(world: World, day: date, hours: int) -> None:
    here = world.here
    begin, end = selectors.day_bounds(day, CHICAGO)
    assert end.astimezone(UTC) - begin.astimezone(UTC) == timedelta(hours=hours)
    minute = timedelta(minutes=1)
    with here.scope():
        Appointment.objects.filter(therapist=here.therapist).update(starts_at=NOW - timedelta(days=400))
        inside = [booking(here, starts_at=at.astimezone(UTC)) for at in (begin, end.astimezone(UTC) - minute)]
        for at in (begin.astimezone(UTC) - minute, end):
            booking(here, starts_at=at.astimezone(UTC))
        found = selectors.own_day(here.therapist, day, CHICAGO)
        assert [row.appointment.pk for row in found.rows] == [one.pk for one in inside]


def test_the_next_to_open_is_the_running_or_coming_one_that_is_not_recorded(world: World) -> None:
    here = world.here

    def at(hours: float, **changes: Any) -> Any:
        return booking(here, starts_at=NOW + timedelta(hours=hours), **changes)

    with here.scope():
        canceled = at(-3, attendance="clinic_cancel")
        left, recorded = at(-4), at(-2)
        record(here, recorded, started_at=recorded.starts_at)
        running, later, assessment = at(-0.5), at(1), at(0, kind=Appointment.Kind.ASSESSMENT)
        rows = list(selectors.own_day(here.therapist, DAY, CHICAGO).rows)

        def opened(*keep: Any) -> Any:
            kept = {one.pk for one in keep}
            found = selectors.next_to_open([row for row in rows if row.appointment.pk in kept], NOW)
            return found and found.appointment.pk

        assert opened(canceled, left, recorded, running, later, assessment) == running.pk
        assert opened(canceled, left, recorded, later) == later.pk
        assert opened(canceled, left, recorded, assessment) == left.pk
        assert opened(canceled, recorded, assessment) is None
        assert selectors.next_to_open([], NOW) is None


def test_unsigned_notes_wait_by_deadline_and_the_signed_do_not(world: World) -> None:
    here = world.here
    with here.scope():
        late = booking(here, starts_at=NOW - timedelta(days=4))
        record(here, late, started_at=late.starts_at)
        done = booking(here, starts_at=NOW - timedelta(days=3))
        session = record(here, done, started_at=done.starts_at)
        sign(ProgressNote.objects.get(session=session), by=here.therapist)
        found = selectors.own_unsigned(here.therapist, now=NOW, zone=CHICAGO)
        starts = [row.session.started_at for row in found.rows]
        assert starts == [late.starts_at, here.session.started_at]
        assert [row.deadline.standing for row in found.rows] == ["overdue", "late"]
        assert found.rows[0].deadline.words == "Overdue since Mon, Nov 16, 9:50 a.m."
        assert found.rows[1].deadline.words == "Late since Wed, 9:50 a.m."
        assert selectors.own_unsigned(here.other_therapist, now=NOW, zone=CHICAGO).rows == ()


def test_a_team_sees_a_note_from_the_moment_its_deadline_has_passed(world: World) -> None:
    here = world.here
    with here.scope():
        ProgressNote.objects.filter(pk=here.note.pk).delete()
        booked = booking(here, starts_at=NOW)
        session = record(here, booked, started_at=booked.starts_at, now=NOW)
        due = NOW + timedelta(minutes=session.duration_min, hours=24)

        def shown(user: Any, now: datetime) -> list[int]:
            rows = selectors.team_past_due(user, now=now, zone=CHICAGO).rows
            return [row.session.pk for row in rows]

        assert shown(here.supervisor, due) == []
        assert shown(here.supervisor, due + timedelta(seconds=1)) == [session.pk]
        assert shown(here.therapist, due + timedelta(days=9)) == []
        # Not of who is not supervised.
        other = booking(here, starts_at=NOW, therapist=here.other_therapist)
        record(here, other, started_at=NOW, by=here.other_therapist)
        assert shown(here.supervisor, due + timedelta(days=9)) == [session.pk]


def test_missed_appointments_are_of_this_week_and_of_supervised_people(world: World) -> None:
    here = world.here
    monday = datetime(2026, 11, 16, 0, 0, tzinfo=CHICAGO).astimezone(UTC)
    with here.scope():
        first = booking(here, starts_at=monday, attendance="no_show")
        booking(here, starts_at=monday - timedelta(minutes=1), attendance="no_show")
        late = booking(here, starts_at=NOW - timedelta(hours=1), attendance="late_cancel")
        for code in ("attended", "client_cancel", "clinic_cancel", "rescheduled", ""):
            booking(here, starts_at=NOW - timedelta(hours=2), attendance=code)
        booking(here, starts_at=NOW, attendance="no_show", therapist=here.other_therapist)
        found = selectors.team_missed(here.supervisor, DAY, CHICAGO)
        assert [row.pk for row in found.rows] == [late.pk, first.pk]


def test_what_nobody_recorded_waits_for_thirty_days(world: World) -> None:
    here = world.here
    with here.scope():
        wanted = [
            booking(here, starts_at=NOW - timedelta(days=29)),
            booking(here, starts_at=NOW - timedelta(days=1), attendance="attended"),
        ]
        booking(here, starts_at=NOW - timedelta(days=31))
        booking(here, starts_at=NOW - timedelta(hours=1))
        booking(here, starts_at=NOW - timedelta(days=1), attendance="no_show")
        booking(here, starts_at=NOW - timedelta(days=1), kind=Appointment.Kind.CHECK_IN)
        booking(here, starts_at=NOW - timedelta(days=1), therapist=here.other_therapist)
        found = selectors.not_recorded(here.therapist, DAY, CHICAGO)
        assert [row.pk for row in found.rows] == [one.pk for one in wanted]


def test_only_a_treatment_that_took_place_is_to_be_recorded(world: World) -> None:
    for attendance, expected in (("", True), ("attended", True), ("no_show", False), ("rescheduled", False)):
        row = Booked(Appointment(attendance=attendance, kind="treatment"), None)
        assert row.to_record is expected, attendance
    assert not Booked(Appointment(kind="treatment"), world.here.session.public_id).to_record
    assert not Booked(Appointment(kind="assessment"), None).to_record


# --- the page -----------------------------------------------------------------------------------------------------


@pytest.fixture
def noon(world: World) -> datetime:
    """Return an instant of today at the clinic with hours of the same day on both sides."""
    return datetime.combine(timezone.localdate(timezone=CHICAGO), datetime.min.time(), tzinfo=CHICAGO) + timedelta(
        hours=12
    )


def test_a_therapist_sees_the_day_and_what_waits(world: World, noon: datetime) -> None:
    here = world.here
    with here.scope():
        booking(here, starts_at=noon + timedelta(hours=11))
    html = _today(here, here.therapist)
    assert "Open 11:00 p.m. with <bdi>Jordan" in html
    assert "Sign the note for <bdi>Jordan" in html
    assert "1 appointment with you." in html
    assert "1 thing waits for you." in html
    assert "Appointments at" not in html
    assert "Nothing overdue." not in html


def test_an_empty_day_says_so_and_leads_on(world: World) -> None:
    html = _today(world.here, world.here.other_therapist)
    assert f"Nothing on your schedule at {world.here.clinic.name}" in html
    assert "Nothing waits for you." in html
    assert "button-primary" in html


def test_a_coordinator_sees_the_clinics_day_and_its_attendance(world: World, noon: datetime) -> None:
    here = world.here
    with here.scope():
        booking(here, starts_at=noon, attendance="attended_late")
        unmarked = booking(here, starts_at=noon + timedelta(hours=1), therapist=here.other_therapist)
    html = _today(here, here.coordinator)
    assert "Attended, late" in html
    assert f"/appointments/{unmarked.public_id}/attendance/" in html
    assert here.other_therapist.name in html
    assert "Waiting for you" not in html
    assert "CANARY-riverbend note" not in html


def test_a_supervisor_sees_the_team_and_calm_when_nothing_is_overdue(world: World) -> None:
    here = world.here
    html = _today(here, here.supervisor)
    assert "<h1>Team today</h1>" in html
    with here.scope():
        ProgressNote.objects.filter(pk=here.note.pk).delete()
        booking(here, starts_at=timezone.now() - timedelta(days=30), attendance="no_show")
    assert "Nothing overdue." in _today(here, here.supervisor)
    with here.scope():
        old = booking(here, starts_at=timezone.now() - timedelta(days=3))
        record(here, old, started_at=old.starts_at, now=timezone.now())
    assert f"<bdi>{here.therapist.name}</bdi>: the note for <bdi>Jordan" in _today(here, here.supervisor)


def test_several_roles_add_up(world: World, noon: datetime) -> None:
    here = world.here
    with here.scope():
        for role in (Role.COORDINATOR, Role.SUPERVISOR):
            people.add_member(clinic=here.clinic, user=here.therapist, role=role, by=None)
        booking(here, starts_at=noon)
    html = _today(here, here.therapist)
    for part in ("<h1>Today</h1>", "Waiting for you", "Nothing overdue.", f"Appointments at {here.clinic.name}"):
        assert part in html


def test_no_link_of_the_day_is_dead(world: World, noon: datetime) -> None:
    here = world.here
    with here.scope():
        booking(here, starts_at=noon)
        booking(here, starts_at=noon, kind=Appointment.Kind.ASSESSMENT)
        booking(here, starts_at=timezone.now() - timedelta(days=2))
        done = booking(here, starts_at=timezone.now() - timedelta(minutes=1))
        record(here, done, started_at=done.starts_at, now=timezone.now())
        booking(here, starts_at=noon, therapist=here.other_therapist)
        booking(here, starts_at=noon, therapist=here.other_therapist, kind=Appointment.Kind.ASSESSMENT)
        monday = selectors.day_bounds(selectors.week_start(timezone.localdate(timezone=CHICAGO)), CHICAGO)[0]
        booking(here, starts_at=monday, attendance="no_show")
        record(here, booking(here, starts_at=NOW - timedelta(days=400)), started_at=NOW - timedelta(days=400))
        # Handed over: the record of the past stays open to its author and to who supervises them.
        CaseloadAssignment.objects.filter(client=here.client).update(ends_at=timezone.now())
    opened = 0
    for user in (here.therapist, here.other_therapist, here.supervisor, here.coordinator):
        browser = signed_in(user)
        html = _today(here, user)
        main = html[html.index("<main") : html.index("</main>")]
        for link in set(re.findall(r'href="(/[^"]+)"', main)):
            assert browser.get(link).status_code == 200, (user, link)
            opened += 1
    assert opened >= 10


def test_the_neighbours_day_is_not_here(world: World, noon: datetime) -> None:
    neighbour = world.neighbour
    with neighbour.scope():
        booking(neighbour, starts_at=noon)
    for role in (world.here.therapist, world.here.coordinator, world.here.supervisor):
        html = _today(world.here, role)
        assert neighbour.client.reference not in html
        assert neighbour.therapist.name not in html


def test_one_event_says_whose_names_were_shown(world: World, noon: datetime) -> None:
    here = world.here
    with here.scope():
        booking(here, starts_at=noon)
    _today(here, here.coordinator)
    with here.scope():
        event = AuditEvent.objects.get(action="today.listed", actor=here.coordinator)
        assert event.detail["client_ids"] == [here.client.pk]
