"""Verbs on the record of a session: it was held, or it was not. Signing is `signing`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.db import transaction

from clients.models import Appointment, RulerReading
from clients.models.appointments import TOOK_PLACE, Attendance
from clients.rules import attendance as attendance_rules
from clients.rules import clock
from clients.selectors.motivation import sole_target
from clients.services.appointments import record_attendance
from clinics import audit
from clinics.models import User
from clinics.versions import Stale
from sessions.models import ProgressNote, TherapySession, Transcript

NOT_HELD = frozenset(Attendance) - TOOK_PLACE
START_WITHIN = timedelta(hours=24)
NOTE_LIMIT = 20_000
DISCORD = RulerReading.Ruler.DISCORD.value


class RecordRefused(Exception):
    """What was typed does not fit what is recorded. The text is a sentence for the person."""


class NotTheirSession(PermissionDenied):
    """A session is recorded by the therapist it is booked with."""


class NoteIsSigned(RecordRefused):
    """The note of this session is signed, and so is what it stands on."""

    def __init__(self) -> None:
        super().__init__("The note of this session is signed and final. Add an addendum instead.")


class NotYetHeld(RecordRefused):
    """The time has not come."""


class NoteHasText(RecordRefused):
    """A session with a written note is not taken back."""


@dataclass(frozen=True)
class Seen:
    """
    What the person had before them: the version of the session (0: none yet) and the attendance code.

    The front desk may mark a person as arrived while the therapist writes. That is no conflict unless the two
    disagree, so the code is compared, not a version of the appointment.
    """

    session_version: int
    attendance: str


@dataclass(frozen=True)
class Mix:
    """How a session was divided between modalities, in whole percent that add up to 100."""

    mi: int
    cbt: int
    dbt: int
    other: int

    def __post_init__(self) -> None:
        parts = (self.mi, self.cbt, self.dbt, self.other)
        if min(parts) < 0 or sum(parts) != 100:
            raise ValueError(f"A mix has parts of 0 or more that add up to 100, not {parts}.")


@dataclass(frozen=True)
class Held:
    """
    A session that took place.

    started_at    aware instant
    duration_min  elapsed minutes
    rulers        answers 0 to 10 by ruler, and how strained the talk was as `discord`; what was not asked is absent
    note          text of the progress note; empty when nothing is written yet
    """

    started_at: datetime
    duration_min: int
    session_format: str
    mix: Mix
    rulers: Mapping[str, int]
    note: str


@transaction.atomic
def record_held(
    *, appointment: Appointment, attendance: str, held: Held, seen: Seen, by: User, now: datetime
) -> TherapySession:
    """
    Record that a booked session took place: the session, its rulers and its draft note together.

    attendance  one of the codes under which a session took place
    :raises NotTheirSession: when somebody else's
    :raises NoteIsSigned: when it is final
    :raises Stale: when it is not as `seen`; nothing was overwritten
    :raises NotYetHeld: when the start lies ahead, or a day or more from what was booked
    """
    if attendance not in TOOK_PLACE:
        raise ValueError(f"{attendance} is no code of a session that took place.")
    booked, session, note = _locked(appointment, by)
    _require_unchanged(booked, session, attendance, seen)
    if held.started_at > now:
        raise NotYetHeld("The start lies ahead. Record a session once it has started.")
    if abs(held.started_at - booked.starts_at) > START_WITHIN:
        raise NotYetHeld("The start is more than a day from the booked time. Check the date.")
    made = session is None
    if session is None:
        session = TherapySession(
            clinic_id=booked.clinic_id, client_id=booked.client_id, appointment=booked, therapist=by, version=0
        )
    session.started_at = held.started_at
    session.service_on = clock.civil_date(held.started_at, ZoneInfo(booked.clinic.time_zone))
    session.duration_min = held.duration_min
    session.session_format = held.session_format
    session.mi_pct, session.cbt_pct = held.mix.mi, held.mix.cbt
    session.dbt_pct, session.other_pct = held.mix.dbt, held.mix.other
    session.version += 1
    session.save()
    _save_rulers(booked, session, held.rulers, by)
    if note is None:
        note = ProgressNote(
            clinic_id=booked.clinic_id, client_id=booked.client_id, session=session, author=by, version=0
        )
    note.body = held.note
    note.version += 1
    note.save()
    _mark(booked, attendance, by, now)
    audit.record(
        "session.recorded" if made else "session.changed", session, by=by,
        detail={"attendance": attendance, "minutes": held.duration_min, "rulers": len(held.rulers)},
    )  # fmt: skip
    return session


@transaction.atomic
def record_not_held(
    *, appointment: Appointment, attendance: str, seen: Seen, by: User, now: datetime, note: str = ""
) -> Appointment:
    """
    Record that a booked session did not take place. There is then no session, and no note is needed.

    note  what stands in the note of the page: a session with a written note is not taken back
    :raises NotTheirSession: when somebody else's
    :raises NoteIsSigned: when it is final
    :raises Stale: when it is not as `seen`; nothing was overwritten
    :raises NotYetHeld: when a person is said not to have come before the time
    :raises NoteHasText: when a note is written, or a transcript is attached
    """
    if attendance not in NOT_HELD:
        raise ValueError(f"{attendance} is no code of a session that did not take place.")
    booked, session, draft = _locked(appointment, by)
    _require_unchanged(booked, session, attendance, seen)
    if note.strip():
        raise NoteHasText("A note needs a session that took place. Clear the note, or choose another attendance.")
    if session is not None:
        if Transcript.objects.filter(session=session).exists():
            raise NoteHasText("A transcript is attached to this session, so it took place.")
        RulerReading.objects.filter(appointment=booked).delete()
        if draft is not None:
            draft.delete()
        audit.record("session.taken_back", session, by=by)
        session.delete()
    return _mark(booked, attendance, by, now)


def _locked(appointment: Appointment, by: User) -> tuple[Appointment, TherapySession | None, ProgressNote | None]:
    """Return the appointment, its session and its note, held until the transaction ends."""
    booked = Appointment.objects.select_for_update(of=("self",)).select_related("clinic").get(pk=appointment.pk)
    if booked.therapist_id != by.pk or booked.kind != Appointment.Kind.TREATMENT:
        raise NotTheirSession
    session = TherapySession.objects.filter(appointment=booked).first()
    note = ProgressNote.objects.select_for_update().filter(session=session).first() if session else None
    if note is not None and note.state == ProgressNote.State.LOCKED:
        raise NoteIsSigned
    return booked, session, note


def _require_unchanged(booked: Appointment, session: TherapySession | None, attendance: str, seen: Seen) -> None:
    version = session.version if session else 0
    if version != seen.session_version or booked.attendance not in (seen.attendance, attendance):
        raise Stale(session or booked)


def _save_rulers(booked: Appointment, session: TherapySession, answers: Mapping[str, int], by: User) -> None:
    """Make the readings of this appointment what was answered; a ruler that was not asked has no row."""
    kept = {reading.ruler: reading for reading in RulerReading.objects.filter(appointment=booked)}
    for ruler, reading in kept.items():
        if ruler not in answers:
            reading.delete()
    # What a session's readings are about is settled by the first of them: a goal set aside later takes none away.
    # How strained the talk was is about the session itself.
    asked = [reading.target_id for ruler, reading in kept.items() if ruler != DISCORD]
    about = asked[0] if asked else sole_target(booked.client_id)
    fresh = []
    for ruler, value in answers.items():
        found = kept.get(ruler)
        if found is None:
            target_id = None if ruler == DISCORD else about
            fresh.append(
                RulerReading(
                    clinic_id=booked.clinic_id, client_id=booked.client_id, appointment=booked, ruler=ruler,
                    target_id=target_id, value=value, taken_on=session.service_on, taken_by=by,
                )
            )  # fmt: skip
        elif (found.value, found.taken_on) != (value, session.service_on):
            found.value, found.taken_on, found.taken_by = value, session.service_on, by
            found.save()
    RulerReading.objects.bulk_create(fresh)


def _mark(booked: Appointment, attendance: str, by: User, now: datetime) -> Appointment:
    try:
        return record_attendance(appointment=booked, version=booked.version, attendance=attendance, by=by, now=now)
    except attendance_rules.NotYet as error:
        raise NotYetHeld(str(error)) from error
