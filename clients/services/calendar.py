"""Set the hours in which a therapist can be booked."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from clients.models import WorkingHours
from clients.rules import slots
from clients.rules.clock import civil_date
from clients.rules.slots import Span
from clients.selectors import calendar
from clients.services.caseload import require_therapist
from clinics import audit
from clinics.models import Clinic, Membership, User

DAY = timedelta(days=1)


class HoursChanged(ValueError):
    """Somebody set these hours in the meantime; `current` are those that hold now."""

    def __init__(self, current: tuple[WorkingHours, ...]) -> None:
        super().__init__("Somebody set these hours in the meantime. Compare them with yours, then save what is right.")
        self.current = current


@transaction.atomic
def set_hours(
    *, clinic: Clinic, therapist: User, spans: Iterable[Span], from_on: date, seen: str, by: User, now: datetime
) -> list[WorkingHours]:
    """
    Replace a therapist's week from a day on; what held before it is kept, what was planned after it goes.

    spans   hours of a week; none means that they cannot be booked from then on
    seen    `calendar.stamp` of the hours from today on, as who changes them saw them
    :raises NotATherapist: they do not work as one here now
    :raises BadHours: a span ends before it begins, or two lie over each other
    :raises ImpossibleDate: the day is over, or more than two years ahead
    :raises HoursChanged: somebody set them in the meantime
    """
    require_therapist(therapist, clinic.pk)
    week = slots.week_of(spans)
    today = civil_date(now, ZoneInfo(clinic.time_zone))
    slots.require_from(from_on, today)
    # One at a time for each therapist, also while they have no hours yet that could be locked.
    held = Membership.objects.filter(clinic=clinic, user=therapist).order_by("pk").select_for_update(of=("self",))
    list(held.values_list("pk", flat=True))
    current = tuple(calendar.hours_of([therapist], today, None))
    if calendar.stamp(current) != seen:
        raise HoursChanged(current)
    later = WorkingHours.objects.filter(user=therapist)
    later.filter(from_on__gte=from_on).delete()
    calendar.hours_of([therapist], from_on, None).update(until_on=from_on - DAY)
    made: list[WorkingHours] = WorkingHours.objects.bulk_create(
        WorkingHours(
            clinic=clinic, user=therapist, weekday=span.weekday, starts=span.starts, ends=span.ends, from_on=from_on
        )
        for span in week
    )
    audit.record(
        "hours.set", clinic, by=by,
        detail={"user": str(therapist.public_id), "from_on": from_on.isoformat(), "n": len(made)},
    )  # fmt: skip
    return made
