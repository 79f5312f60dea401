"""Recording a session: one transaction, the therapist's own, nothing lost and nothing half-written."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from clients.models import Appointment, RulerReading
from clinics.models import AuditEvent
from clinics.versions import Stale
from sessions.models import ProgressNote, TherapySession, Transcript
from sessions.services import record as recording
from sessions.services.record import Mix, NoteHasText, NoteIsSigned, NotYetHeld, Seen
from tests.sessions.recording import TEXT, booking, record, sign
from tests.world import NOW, World


def _counts() -> tuple[int, int, int, int]:
    return (
        TherapySession.objects.count(),
        ProgressNote.objects.count(),
        RulerReading.objects.count(),
        AuditEvent.objects.count(),
    )


def test_a_session_its_rulers_and_its_draft_note_are_recorded_together(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        booked = booking(here)
        session = record(here, booked, mix=Mix(60, 40, 0, 0))
        note = ProgressNote.objects.get(session=session)
        assert (session.therapist, session.duration_min, session.service_on) == (here.therapist, 50, date(2026, 11, 19))
        assert (session.mi_pct, session.cbt_pct, session.dbt_pct, session.other_pct) == (60, 40, 0, 0)
        assert (note.body, note.state, note.author) == (TEXT, "draft", here.therapist)
        readings = RulerReading.objects.filter(appointment=booked).values_list("ruler", "value", "taken_on")
        assert sorted(readings) == [("confidence", 5, session.service_on), ("importance", 8, session.service_on)]
        booked.refresh_from_db()
        assert (booked.attendance, booked.version) == ("attended", 2)
        events = AuditEvent.objects.filter(action__in=["session.recorded", "appointment.attendance_recorded"])
        assert {event.action for event in events} == {"session.recorded", "appointment.attendance_recorded"}
        assert all(event.actor_id == here.therapist.pk for event in events)
        assert TEXT not in str(list(AuditEvent.objects.values()))


def test_a_ruler_that_was_not_asked_has_no_row_and_an_answer_can_be_taken_back(world: World) -> None:
    here = world.here
    with here.scope():
        booked = booking(here)
        record(here, booked, rulers={"importance": 0, "readiness": 10})
        record(here, booked, seen=Seen(1, "attended"), rulers={"importance": 3})
        kept = RulerReading.objects.filter(appointment=booked).values_list("ruler", "value")
        assert list(kept) == [("importance", 3)]


def test_the_text_lies_encrypted_in_the_table(world: World) -> None:
    here = world.here
    with here.scope(), connection.cursor() as cursor:
        note = ProgressNote.objects.get(session=record(here, booking(here)))
        cursor.execute("select body, n::text from clinical_sessions_progressnote n where id = %s", [note.pk])
        raw, row = cursor.fetchone()
        assert b"NOTE-CANARY" not in bytes(raw)
        assert "NOTE-CANARY" not in row
        assert b"NOTE-CANARY".hex() not in row
        assert ProgressNote.objects.get(pk=note.pk).body == TEXT


@pytest.mark.parametrize(
    ("started", "service_on"),
    [
        (datetime(2026, 11, 19, 5, 40, tzinfo=UTC), date(2026, 11, 18)),  # 11:40 p.m. at the clinic, over midnight
        (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), date(2026, 11, 1)),  # 1:30 a.m., the first of two
        (datetime(2026, 3, 8, 5, 59, tzinfo=UTC), date(2026, 3, 7)),  # the last minute before a 23-hour day
        (datetime(2026, 11, 2, 5, 59, tzinfo=UTC), date(2026, 11, 1)),  # the last minute of a 25-hour day
    ],
)
def test_the_day_of_service_is_the_clinics(world: World, started: datetime, service_on: date) -> None:
    here = world.here
    with here.scope():
        booked = booking(here, starts_at=started)
        session = record(here, booked, started_at=started)
        assert session.service_on == service_on
        taken_on = RulerReading.objects.filter(appointment=booked).values_list("taken_on", flat=True)
        assert set(taken_on) == {service_on}


def test_somebody_elses_session_is_refused(world: World) -> None:
    here = world.here
    with here.scope():
        before = _counts()[:3]
        for other in (here.other_therapist, here.supervisor, here.coordinator):
            with pytest.raises(PermissionDenied):
                record(here, booking(here), by=other)
        with pytest.raises(PermissionDenied):
            record(here, booking(here, kind=Appointment.Kind.ASSESSMENT))
        assert _counts()[:3] == before


def test_the_neighbours_appointment_is_not_there(world: World) -> None:
    here, neighbour = world.here, world.neighbour
    with neighbour.scope():
        theirs = booking(neighbour, therapist=here.therapist)
    with here.scope(here.therapist), pytest.raises(Appointment.DoesNotExist):
        record(here, theirs)


@pytest.mark.parametrize("shift", [timedelta(minutes=1), timedelta(days=-30), timedelta(hours=-31)])
def test_a_start_ahead_or_a_day_from_the_booking_is_refused(world: World, shift: timedelta) -> None:
    here = world.here
    with here.scope():
        booked = booking(here)
        with pytest.raises(NotYetHeld):
            record(here, booked, started_at=NOW + shift)


def test_a_stale_record_is_refused_and_nothing_is_overwritten(world: World) -> None:
    here = world.here
    with here.scope():
        booked = booking(here)
        session = record(here, booked, note="First window.")
        record(here, booked, seen=Seen(1, "attended"), note="First window, more.")
        with pytest.raises(Stale):
            record(here, booked, seen=Seen(1, "attended"), note="Second window.")
        assert ProgressNote.objects.get(session=session).body == "First window, more."


def test_the_front_desk_marking_the_same_is_no_conflict_and_another_is(world: World) -> None:
    here = world.here
    with here.scope():
        booked = booking(here)
        Appointment.objects.filter(pk=booked.pk).update(attendance="attended", version=2)
        assert record(here, booked, seen=Seen(0, "")).version == 1
        other = booking(here, starts_at=NOW - timedelta(hours=5))
        Appointment.objects.filter(pk=other.pk).update(attendance="clinic_cancel", version=2)
        with pytest.raises(Stale):
            record(here, other, seen=Seen(0, ""))


def test_a_session_that_was_missed_needs_no_note(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        booked = booking(here)
        before = _counts()
        recording.record_not_held(
            appointment=booked, attendance="no_show", seen=Seen(0, ""), by=here.therapist, now=NOW
        )
        booked.refresh_from_db()
        assert booked.attendance == "no_show"
        assert _counts()[:3] == before[:3]


def test_nobody_has_missed_what_lies_ahead_but_it_may_be_canceled(world: World) -> None:
    here = world.here
    with here.scope():
        booked = booking(here, starts_at=NOW + timedelta(days=1))
        options = {"appointment": booked, "seen": Seen(0, ""), "by": here.therapist, "now": NOW}
        with pytest.raises(NotYetHeld):
            recording.record_not_held(attendance="no_show", **options)
        recording.record_not_held(attendance="client_cancel", **options)
        booked.refresh_from_db()
        assert booked.attendance == "client_cancel"


def test_a_session_recorded_by_mistake_is_taken_back_while_nothing_is_written(world: World) -> None:
    here = world.here
    with here.scope():
        booked = booking(here)
        record(here, booked, note=" \n")
        options = {
            "appointment": booked, "attendance": "no_show", "seen": Seen(1, "attended"), "by": here.therapist, "now": NOW,
        }  # fmt: skip
        with pytest.raises(NoteHasText):
            recording.record_not_held(note="Something", **options)
        recording.record_not_held(**options)
        assert not TherapySession.objects.filter(appointment=booked).exists()
        assert not RulerReading.objects.filter(appointment=booked).exists()
        assert AuditEvent.objects.filter(action="session.taken_back").count() == 1


def test_a_session_with_a_transcript_took_place(world: World) -> None:
    here = world.here
    with here.scope():
        booked = booking(here)
        session = record(here, booked, note="")
        Transcript.objects.create(clinic=here.clinic, session=session, therapist=here.therapist)
        with pytest.raises(NoteHasText):
            recording.record_not_held(
                appointment=booked, attendance="no_show", seen=Seen(1, "attended"), by=here.therapist, now=NOW
            )


def test_a_signed_session_is_not_recorded_again(world: World) -> None:
    here = world.here
    with here.scope():
        booked = booking(here)
        session = record(here, booked)
        sign(ProgressNote.objects.get(session=session), by=here.therapist)
        for verb in (
            lambda: record(here, booked, seen=Seen(1, "attended")),
            lambda: recording.record_not_held(
                appointment=booked, attendance="no_show", seen=Seen(1, "attended"), by=here.therapist, now=NOW
            ),
        ):
            with pytest.raises(NoteIsSigned):
                verb()


@pytest.mark.parametrize(
    "broken",
    [{"duration_min": 601}, {"rulers": {"importance": 11}}, {"session_format": "x" * 13}],
    ids=["session", "ruler", "format"],
)
def test_a_constraint_that_breaks_leaves_nothing_half_written(world: World, broken: dict[str, object]) -> None:
    here = world.here
    with here.scope(here.therapist):
        booked = booking(here)
        record(here, booked, note="Before.")
        before, booked_before = _counts(), Appointment.objects.filter(pk=booked.pk).values().get()
        with pytest.raises(Exception, match=r"constraint|too long"), transaction.atomic():
            record(here, booked, seen=Seen(1, "attended"), attendance="left_early", note="After.", **broken)
        assert _counts() == before
        assert Appointment.objects.filter(pk=booked.pk).values().get() == booked_before
        session = TherapySession.objects.get(appointment=booked)
        assert session.version == 1
        assert ProgressNote.objects.get(session=session).body == "Before."


def test_a_fault_at_the_last_write_undoes_the_first(world: World) -> None:
    """The appointment's own row is written last: its version has no room left."""
    here = world.here
    with here.scope(here.therapist):
        booked = booking(here)
        Appointment.objects.filter(pk=booked.pk).update(version=2**31 - 1)
        before = _counts()
        with pytest.raises(Exception, match=r"out of range|integer"), transaction.atomic():
            record(here, booked)
        assert _counts() == before


def test_a_mix_that_is_not_whole_cannot_be_made_and_cannot_be_stored(world: World) -> None:
    for parts in ((50, 40, 0, 0), (110, -10, 0, 0)):
        with pytest.raises(ValueError, match="100"):
            Mix(*parts)
    with world.here.scope(), pytest.raises(IntegrityError, match="mix"), transaction.atomic():
        TherapySession.objects.update(cbt_pct=1)


def test_a_code_of_the_other_kind_is_a_mistake_of_the_caller(world: World) -> None:
    here = world.here
    with here.scope():
        with pytest.raises(ValueError, match="took place"):
            record(here, booking(here), attendance="no_show")
        with pytest.raises(ValueError, match="did not take place"):
            recording.record_not_held(
                appointment=booking(here), attendance="attended", seen=Seen(0, ""), by=here.therapist, now=NOW
            )
