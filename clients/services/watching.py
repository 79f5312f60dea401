"""What nobody has to remember: clocks that ran out become tasks, tasks that are late go to the next role."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from clients.models import Inquiry, Task
from clients.rules import clocks, intake, transitions
from clients.rules.clocks import Clock
from clients.services import tasks
from clinics.models import Clinic

# Each clock that runs from the moment somebody came in, and the column that stops it.
STOPPED_BY = {Clock.FIRST_ATTEMPT: "first_attempt_at", Clock.SPEED_TO_CONTACT: "first_contact_at"}


@transaction.atomic
def watch_clocks(*, clinic: Clinic, now: datetime) -> int:
    """
    Make a task of every clock of a waiting inquiry that is past its time; return how many were made.

    The clocks never stop at night or on a holiday; only the times at which the caller may be called defer them.
    """
    zone, made = ZoneInfo(clinic.time_zone), 0
    for clock, stopped_by in STOPPED_BY.items():
        known = Task.objects.filter(kind=_kind(clock), inquiry__isnull=False).values("inquiry_id")
        late = Inquiry.objects.filter(
            status__in=transitions.ACTIVE, channel__in=intake.WAITING, crisis_hold=False,
            received_at__lte=now - clocks.PROMISES[clock].breach, **{f"{stopped_by}__isnull": True},
        ).exclude(pk__in=known)  # fmt: skip
        for inquiry in late.select_for_update(of=("self",), skip_locked=True).order_by("received_at")[:500]:
            inquiry.clinic = clinic
            times = clocks.daily(inquiry.call_from, inquiry.call_until)
            reading = clocks.read(clock, inquiry.received_at, now, zone, call_times=times)
            if reading.breached:
                tasks.owe(kind=_kind(clock), inquiry=inquiry, due_at=reading.breach_at, by=None)
                made += 1
    return made


def _kind(clock: Clock) -> str:
    return Task.Kind.CALL_NOW if clock is Clock.FIRST_ATTEMPT else Task.Kind.REACH_NOW
