"""The week of the clinic's therapists: hours, what is booked, what is free; and whose week a person may see."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.urls import reverse

from clients.models import Appointment, Client, WorkingHours
from clients.models.appointments import Attendance
from clients.rules import clocks, slots
from clients.rules.clock import civil_date
from clients.rules.slots import Slot, Span
from clients.rules.weeks import DAYS
from clinics.models import Clinic, User
from clinics.models.people import supervisees_of
from clinics.roles import Reach, Role
from clinics.selectors.staff import staff_now

VIEW, CHANGE = "clinics.view_appointment", "clinics.change_appointment"
WEEKDAYS: Final = 5
LONGEST_BOOKED: Final = timedelta(minutes=600)
# What was called off leaves its time free.
GIVEN_BACK: Final = (
    Attendance.LATE_CANCEL,
    Attendance.CLIENT_CANCEL,
    Attendance.CLINIC_CANCEL,
    Attendance.RESCHEDULED,
)


@dataclass(frozen=True, order=True)
class Stretch:
    """
    A stretch of a therapist's day, booked or free.

    url    the person's page, or where this free time is booked; empty where neither opens for who looks
    name   who is booked; empty for a free time and for a person whom the one who looks does not see
    """

    starts_at: datetime
    ends_at: datetime
    free: bool
    url: str = ""
    name: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Day:
    """One day of one therapist, in order."""

    on: date
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True)
class Row:
    """One therapist's week; `hours_url` is empty for who may not set the hours."""

    therapist: User
    days: tuple[Day, ...]
    hours_url: str


@dataclass(frozen=True)
class Week:
    """
    Some therapists' week.

    days         the days that are shown: Saturday and Sunday only where something is booked or free on them
    client_ids   of the people who are named, for the trail
    """

    rows: tuple[Row, ...]
    days: tuple[date, ...]
    client_ids: tuple[int, ...]

    @property
    def first_free(self) -> tuple[User, Stretch] | None:
        """Return the earliest free time and whose it is, None without one."""
        free = [
            (one.starts_at, place, one)
            for place, row in enumerate(self.rows)
            for day in row.days
            for one in day.stretches
            if one.free
        ]
        if not free:
            return None
        _at, place, stretch = min(free, key=lambda found: found[:2])
        return self.rows[place].therapist, stretch


def staff_reached(user: User, clinic: Clinic, perm: str) -> QuerySet[User, User]:
    """
    Return the therapists whose week `user` may see or change.

    A right over the clinic reaches all of them, one over supervisees these and oneself, any other oneself.
    """
    staff = staff_now(clinic.pk, Role.THERAPIST)
    reaches = user.reaches(perm, clinic.pk) - {Reach.BREAK_GLASS}
    if Reach.CLINIC in reaches:
        return staff
    allowed = Q(pk__in=[])
    if reaches:
        allowed |= Q(pk=user.pk)
    if Reach.SUPERVISEES in reaches:
        allowed |= Q(pk__in=supervisees_of(user))
    return staff.filter(allowed)


def hours_of(therapists: Iterable[User], first: date, last: date | None) -> QuerySet[WorkingHours, WorkingHours]:
    """Return the hours of these therapists that hold on any day from `first` to `last`, or from then on for None."""
    found: QuerySet[WorkingHours, WorkingHours] = WorkingHours.objects.filter(
        Q(until_on=None) | Q(until_on__gte=first), user__in=list(therapists)
    )
    return (found if last is None else found.filter(from_on__lte=last)).order_by("from_on", "weekday", "starts", "pk")


def stamp(rows: Iterable[WorkingHours]) -> str:
    """Return a mark of these hours: another one when anybody has set them since."""
    text = "|".join(sorted(f"{row.public_id}:{row.until_on}" for row in rows))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def holds(row: WorkingHours, day: date) -> bool:
    """Tell whether hours hold in the week of a day, whatever its weekday."""
    return row.from_on <= day and (row.until_on is None or day <= row.until_on)


def span_of(row: WorkingHours) -> Span:
    """Return hours as the rules read them."""
    return Span(row.weekday, row.starts, row.ends)


def week(
    user: User,
    clinic: Clinic,
    therapists: Sequence[User],
    monday: date,
    length: timedelta,
    now: datetime,
    link: Callable[[User, Slot], str],
) -> Week:
    """
    Return the week of some therapists as `user` may see it, by four statements however many they are.

    All that is booked takes its time; only who is theirs to see is read by name.

    length   real minutes of a free time
    link     where a free time of a therapist is booked
    """
    zone = ZoneInfo(clinic.time_zone)
    days = [monday + timedelta(days=n) for n in range(DAYS)]
    hours: dict[int, list[WorkingHours]] = {}
    for row in hours_of(therapists, days[0], days[-1]):
        hours.setdefault(row.user_id, []).append(row)
    booked = _booked(user, clinic, therapists, days, zone)
    may_set = set(staff_reached(user, clinic, CHANGE).values_list("pk", flat=True))
    rows = []
    for therapist in therapists:
        own = booked.get(therapist.pk, [])
        taken = [Slot(one.starts_at, one.ends_at) for one, _client in own]
        week_days = []
        for day in days:
            spans = [span_of(row) for row in hours.get(therapist.pk, ()) if holds(row, day)]
            free = slots.free(day, spans, taken, length, zone, not_before=now)
            stretches = [one for one, _client in own if civil_date(one.starts_at, zone) == day]
            stretches += [Stretch(one.starts_at, one.ends_at, True, link(therapist, one)) for one in free]
            week_days.append(Day(day, tuple(sorted(stretches))))
        url = reverse("hours_edit", args=[clinic.slug, therapist.public_id]) if therapist.pk in may_set else ""
        rows.append(Row(therapist, tuple(week_days), url))
    shown = [n for n in range(DAYS) if n < WEEKDAYS or any(row.days[n].stretches for row in rows)]
    named = {client for own in booked.values() for _one, client in own if client is not None}
    return Week(
        tuple(Row(row.therapist, tuple(row.days[n] for n in shown), row.hours_url) for row in rows),
        tuple(days[n] for n in shown),
        tuple(sorted(named)),
    )


def _booked(
    user: User, clinic: Clinic, therapists: Sequence[User], days: Sequence[date], zone: ZoneInfo
) -> dict[int, list[tuple[Stretch, int | None]]]:
    """Return what is booked by therapist, each with the key of the person where they are named."""
    begins, ends = clocks.day_start(days[0], zone), clocks.day_start(days[-1] + timedelta(days=1), zone)
    times = list(
        Appointment.objects.filter(therapist__in=therapists, starts_at__gte=begins - LONGEST_BOOKED, starts_at__lt=ends)
        .exclude(attendance__in=GIVEN_BACK)
        .order_by("starts_at", "pk")
        .values_list("pk", "therapist_id", "starts_at", "duration_min")
    )
    people = Client.objects.permitted(user, "clinics.view_client")
    seen = Appointment.objects.permitted(user, VIEW).filter(
        pk__in=[key for key, *_rest in times], starts_at__gte=begins, client_id__in=people.values("pk")
    )
    named = {row.pk: row for row in seen.select_related("client")}
    found: dict[int, list[tuple[Stretch, int | None]]] = {}
    for key, therapist_id, starts_at, minutes in times:
        row = named.get(key)
        ends_at = starts_at + timedelta(minutes=minutes)
        if row is None:
            entry: tuple[Stretch, int | None] = (Stretch(starts_at, ends_at, False), None)
        else:
            url = reverse("client_detail", args=[clinic.slug, row.client.public_id])
            kind = row.get_kind_display()
            entry = (Stretch(starts_at, ends_at, False, url, row.client.known_as, kind), row.client_id)
        found.setdefault(therapist_id, []).append(entry)
    return found
