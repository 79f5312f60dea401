"""When the therapists of a demonstration clinic can be booked, and who is on call in the next days."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from itertools import cycle
from typing import Final
from zoneinfo import ZoneInfo

from clients.rules import clock
from clients.rules.slots import Span
from clients.selectors import calendar as selectors
from clients.services import calendar, roster
from clinics.models import Clinic, User

DAY: Final = timedelta(days=1)
NIGHTS: Final = 7
CHANGES_AT: Final = time(8)
# A full week, one without Fridays, and one of afternoons and evenings.
WEEKS: Final = (
    tuple(Span(day, *hours) for day in range(5) for hours in ((time(9), time(12)), (time(13), time(17)))),
    tuple(Span(day, *hours) for day in range(4) for hours in ((time(8, 30), time(12)), (time(12, 30), time(16)))),
    tuple(Span(day, time(12), time(20)) for day in range(5)),
)


def work(*, clinic: Clinic, therapists: Sequence[User], supervisor: User, coordinator: User, now: datetime) -> int:
    """Give each therapist a week from today on, and put one after the other on call; return how many shifts."""
    zone = ZoneInfo(clinic.time_zone)
    today = clock.civil_date(now, zone)
    for therapist, spans in zip(therapists, cycle(WEEKS), strict=False):
        seen = selectors.stamp(selectors.hours_of([therapist], today, None))
        calendar.set_hours(
            clinic=clinic, therapist=therapist, spans=spans, from_on=today, seen=seen, by=therapist, now=now
        )
    # From yesterday: at three in the morning the shift of the night before still runs.
    begins = [clock.instant(today + n * DAY, CHANGES_AT, zone) for n in range(-1, NIGHTS + 1)]
    planned = 0
    for person, starts_at, ends_at in zip(cycle(therapists), begins, begins[1:], strict=False):
        if ends_at > now:
            roster.plan_shift(clinic=clinic, user=person, starts_at=starts_at, ends_at=ends_at, by=coordinator, now=now)
            planned += 1
    roster.plan_shift(
        clinic=clinic, user=supervisor, starts_at=begins[1], ends_at=begins[NIGHTS], by=supervisor, now=now
    )
    return planned + 1
