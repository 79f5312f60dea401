"""
Times as a clinic's wall clock shows them.

A time that the clocks skip in spring is refused: nobody can come at it. A time that they show twice in autumn is the
first of the two.
"""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


class NoSuchTime(ValueError):
    """The clocks skip this time on this day."""


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """
    Return the instant (UTC) at which the clinic's clock shows `at` on `day`.

    :raises NoSuchTime: the clocks go forward over it
    """
    shown = datetime.combine(day, at.replace(tzinfo=None, fold=0))
    found = shown.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) != shown:
        raise NoSuchTime(f"The clocks go forward on {day.isoformat()} and skip {at.strftime('%H:%M')}.")
    return found


def civil_date(moment: datetime, zone: ZoneInfo) -> date:
    """Return the date that the clinic's calendar shows at an aware instant."""
    return moment.astimezone(zone).date()


def wall_time(moment: datetime, zone: ZoneInfo) -> time:
    """Return the time that the clinic's clock shows at an aware instant, to the minute."""
    return moment.astimezone(zone).time().replace(second=0, microsecond=0, fold=0)
