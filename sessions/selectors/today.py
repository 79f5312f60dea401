"""
What a day holds for a person at the entered clinic: what is booked, and what waits.

A day is the clinic's: from midnight to midnight by its clock, 23 or 25 hours long when the clocks change.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import (
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)

from clients.models import Appointment
from clients.models.appointments import TOOK_PLACE, Attendance
from clinics.models import User
from clinics.models.people import supervisees_of
from sessions.models import ProgressNote, TherapySession
from sessions.rules.signing import DUE_HOURS
from sessions.selectors.record import Deadline, deadline

SHOWN = 100
WAITING_SHOWN = 20
NOT_RECORDED_DAYS = 30
MISSED = (Attendance.NO_SHOW, Attendance.LATE_CANCEL)


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first instant of a civil day at the clinic, and the first of the next."""
    return (
        datetime.combine(day, time.min, tzinfo=zone),
        datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone),
    )


def week_start(day: date) -> date:
    """Return the Monday of the week of `day`."""
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True)
class Booked:
    """
    One appointment of the day.

    session_id   public id of its recorded session; None while nothing is recorded
    """

    appointment: Appointment
    session_id: UUID | None

    @property
    def to_record(self) -> bool:
        """Tell whether a session is still to be recorded: a treatment that was not canceled or missed."""
        held = self.appointment.attendance in ("", *TOOK_PLACE)
        return held and self.session_id is None and self.appointment.kind == Appointment.Kind.TREATMENT


@dataclass(frozen=True)
class UnsignedNote:
    """A note that waits for its author's name."""

    session: TherapySession
    deadline: Deadline


@dataclass(frozen=True)
class Some:
    """The first rows of a list, and whether there are more."""

    rows: tuple[Any, ...]
    more: bool

    @property
    def client_ids(self) -> Iterable[int]:
        """Return the clients shown, for the trail."""
        return (client_of(row) for row in self.rows)


def client_of(row: Any) -> int:
    """Return the key of the client a row of the page is about."""
    holder = getattr(row, "session", None) or getattr(row, "appointment", None) or row
    return int(holder.client_id)


def _some(rows: QuerySet[Any], limit: int) -> tuple[list[Any], bool]:
    found = list(rows[: limit + 1])
    return found[:limit], len(found) > limit


def _of_day(rows: QuerySet[Any], day: date, zone: ZoneInfo) -> Some:
    begin, end = day_bounds(day, zone)
    rows = (
        rows.filter(starts_at__gte=begin, starts_at__lt=end)
        .annotate(
            session_id=Subquery(TherapySession.objects.filter(appointment_id=OuterRef("pk")).values("public_id")[:1])
        )
        .select_related("client", "therapist")
        .order_by("starts_at", "id")
    )
    found, more = _some(rows, SHOWN)
    return Some(tuple(Booked(a, a.session_id) for a in found), more)


def own_day(user: User, day: date, zone: ZoneInfo) -> Some:
    """Return what is booked with this person on a day."""
    return _of_day(Appointment.objects.permitted(user, "clinics.write_note"), day, zone)


def clinic_day(user: User, day: date, zone: ZoneInfo) -> Some:
    """Return what is booked on a day with anybody, as far as the person may see appointments."""
    return _of_day(Appointment.objects.permitted(user, "clinics.view_appointment"), day, zone)


def next_to_open(booked: Iterable[Booked], now: datetime) -> Booked | None:
    """
    Return the appointment to open now: the running or next one of the day that is still to be recorded.

    Once all have ended, the first that was left unrecorded.
    """
    open_ones = [one for one in booked if one.to_record]
    ahead = [
        one for one in open_ones if one.appointment.starts_at + timedelta(minutes=one.appointment.duration_min) >= now
    ]
    return next(iter(ahead or open_ones), None)


def not_recorded(user: User, day: date, zone: ZoneInfo) -> Some:
    """Return the person's booked treatment sessions of the 30 days before `day` that nobody has recorded."""
    begin, _end = day_bounds(day - timedelta(days=NOT_RECORDED_DAYS), zone)
    end, _next = day_bounds(day, zone)
    rows = (
        Appointment.objects.permitted(user, "clinics.write_note")
        .filter(
            ~Exists(TherapySession.objects.filter(appointment_id=OuterRef("pk"))),
            kind=Appointment.Kind.TREATMENT,
            attendance__in=("", *TOOK_PLACE),
            starts_at__gte=begin,
            starts_at__lt=end,
        )
        .select_related("client")
        .order_by("starts_at", "id")
    )
    found, more = _some(rows, WAITING_SHOWN)
    return Some(tuple(found), more)


def _notes(rows: QuerySet[Any], *, now: datetime, zone: ZoneInfo) -> Some:
    rows = (
        rows.filter(state=ProgressNote.State.DRAFT)
        .select_related("session", "session__client", "session__therapist")
        .order_by("session__started_at", "id")
        .defer("body")
    )
    found, more = _some(rows, WAITING_SHOWN)
    return Some(
        tuple(
            UnsignedNote(note.session, deadline(note.session.started_at, note.session.duration_min, now=now, zone=zone))
            for note in found
        ),
        more,
    )


def own_unsigned(user: User, *, now: datetime, zone: ZoneInfo) -> Some:
    """Return the person's own notes without a signature, the earliest deadline first."""
    return _notes(ProgressNote.objects.permitted(user, "clinics.write_note"), now=now, zone=zone)


def team_past_due(user: User, *, now: datetime, zone: ZoneInfo) -> Some:
    """Return the notes of supervised people whose deadline has passed, the earliest first."""
    ended_at = ExpressionWrapper(
        F("session__started_at") + F("session__duration_min") * Value(timedelta(minutes=1), DurationField()),
        DateTimeField(),
    )
    rows = (
        ProgressNote.objects.permitted(user, "clinics.cosign_note")
        .annotate(ended_at=ended_at)
        .filter(ended_at__lt=now - timedelta(hours=DUE_HOURS))
    )
    return _notes(rows, now=now, zone=zone)


def team_missed(user: User, day: date, zone: ZoneInfo) -> Some:
    """Return the appointments of supervised people that were missed since Monday, up to the end of `day`."""
    begin, _tuesday = day_bounds(week_start(day), zone)
    _midnight, end = day_bounds(day, zone)
    rows = (
        Appointment.objects.permitted(user, "clinics.view_appointment")
        .filter(therapist_id__in=supervisees_of(user), attendance__in=MISSED, starts_at__gte=begin, starts_at__lt=end)
        .select_related("client", "therapist")
        .order_by("-starts_at", "-id")
    )
    found, more = _some(rows, WAITING_SHOWN)
    return Some(tuple(found), more)
