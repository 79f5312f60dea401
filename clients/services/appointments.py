"""Book a time with a person, say whether it took place, correct what was written down."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db import DatabaseError, transaction

from clients.models import Appointment, Client, Episode
from clients.rules import attendance as rules
from clients.rules import clock, dates
from clients.services import assessments
from clients.services.caseload import require_therapist
from clients.services.free_times import require_free
from clinics import audit
from clinics.models import User
from clinics.versions import lock_version


class NoOpenEpisode(Exception):
    """The person is not in care now: nothing can be booked."""

    field = "episode"

    def __init__(self) -> None:
        super().__init__("This person has no open episode of care. Admit them before booking.")


class TimeIsKept(Exception):
    """An appointment with a recorded attendance keeps its time."""

    def __init__(self) -> None:
        super().__init__("Attendance is recorded for this appointment, so its time stays. Book another one.")


class SessionIsRecorded(Exception):
    """A session was recorded from this appointment: it took place, and its therapist alone takes that back."""

    field = "attendance"

    def __init__(self) -> None:
        super().__init__(
            "A session is recorded for this appointment, so it took place. Ask its therapist to take the session back."
        )


class OnlyAssessed(ValueError):
    """Before admission nothing but the assessment is booked."""

    field = "kind"

    def __init__(self) -> None:
        super().__init__("Before admission an appointment is the assessment. Admit the person to book another kind.")


# Raised by the database, which knows of the session; this app does not (sessions/migrations/0008).
SESSION_RECORDED = "EV002"


@transaction.atomic
def book(
    *,
    client: Client,
    episode: Episode,
    kind: str,
    therapist: User,
    start_on: date,
    start_time: time,
    duration_min: int,
    beside: bool = False,
    by: User,
    now: datetime,
) -> Appointment:
    """
    Book an appointment of an open episode at a time of the clinic's clock.

    beside   also where the therapist has another appointment then
    :raises TimeTaken: the therapist has another appointment then
    :raises NoOpenEpisode: the episode is closed, or another person's
    :raises NotATherapist: the therapist does not work as one here
    :raises ImpossibleDate: before the admission, or more than two years ahead
    :raises NoSuchTime: the clocks skip this time
    """
    appointment = Appointment(clinic=client.clinic, client=client, episode=episode)
    if episode.status != Episode.Status.OPEN or episode.client_id != client.pk:
        raise NoOpenEpisode
    _set(appointment, kind, therapist, start_on, start_time, duration_min, now)
    if not beside:
        require_free(appointment)
    appointment.save()
    audit.record("appointment.booked", appointment, by=by)
    return appointment


@transaction.atomic
def move(
    *,
    appointment: Appointment,
    version: int,
    kind: str,
    therapist: User,
    start_on: date,
    start_time: time,
    duration_min: int,
    beside: bool = False,
    by: User,
    now: datetime,
) -> Appointment:
    """
    Correct kind, therapist, time or length of an appointment whose attendance is not recorded yet.

    beside   also where the therapist has another appointment then; asked only when the time is another
    :raises TimeTaken: the therapist has another appointment then
    :raises Stale: somebody saved it in the meantime
    :raises TimeIsKept: its attendance is recorded
    :raises OnlyAssessed: another kind, before admission
    """
    appointment = lock_version(appointment, version)
    if appointment.attendance:
        raise TimeIsKept
    before, former = _kept(appointment), appointment.therapist
    _set(appointment, kind, therapist, start_on, start_time, duration_min, now)
    changed = sorted(name for name, value in _kept(appointment).items() if before[name] != value)
    if not beside and not WHEN.isdisjoint(changed):
        require_free(appointment)
    if changed:
        appointment.save(update_fields=[*changed, "version"])
        audit.record("appointment.moved", appointment, by=by, detail={"fields": changed})
    if appointment.inquiry_id is not None and former != therapist:
        assessments.hand_over(appointment=appointment, former=former, by=by)
    return appointment


@transaction.atomic
def record_attendance(
    *, appointment: Appointment, version: int, attendance: str, by: User, now: datetime
) -> Appointment:
    """
    Say whether an appointment took place, or correct what was said.

    attendance   one of the eight codes of `Attendance`
    :raises Stale: somebody saved it in the meantime
    :raises NotYet: the code says how it went, and it has not begun
    :raises SessionIsRecorded: the code says it did not take place, and a session of it is recorded
    """
    appointment = lock_version(appointment, version)
    rules.require_possible(attendance, appointment.starts_at, now)
    before = appointment.attendance
    if attendance != before:
        assessments.before_correction(appointment=appointment, attendance=attendance, by=by, now=now)
        appointment.attendance = attendance
        try:
            appointment.save(update_fields=["attendance", "version"])
        except DatabaseError as error:
            if getattr(error.__cause__, "sqlstate", "") == SESSION_RECORDED:
                raise SessionIsRecorded from error
            raise
        event = "appointment.attendance_corrected" if before else "appointment.attendance_recorded"
        audit.record(event, appointment, by=by, detail={"from": before, "to": attendance})
        assessments.after_attendance(appointment=appointment, by=by, now=now)
    return appointment


KEPT = ("kind", "therapist_id", "starts_at", "service_on", "duration_min")
WHEN = frozenset({"therapist_id", "starts_at", "duration_min"})


def _kept(appointment: Appointment) -> dict[str, Any]:
    return {name: getattr(appointment, name) for name in KEPT}


def _set(
    appointment: Appointment,
    kind: str,
    therapist: User,
    start_on: date,
    start_time: time,
    duration_min: int,
    now: datetime,
) -> None:
    zone = ZoneInfo(appointment.clinic.time_zone)
    require_therapist(therapist, appointment.clinic_id)
    today = clock.civil_date(now, zone)
    if appointment.episode is not None:
        dates.require_booking(start_on, appointment.episode.admitted_on, today)
    elif kind != Appointment.Kind.ASSESSMENT or appointment.inquiry is None:
        raise OnlyAssessed
    else:
        dates.require_assessment(start_on, clock.civil_date(appointment.inquiry.received_at, zone), today)
    appointment.kind = kind
    appointment.therapist = therapist
    appointment.starts_at = clock.instant(start_on, start_time, zone)
    appointment.service_on = clock.civil_date(appointment.starts_at, zone)
    appointment.duration_min = duration_min
