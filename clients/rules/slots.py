"""
Which times of a therapist are free, and when the hours of a week are good ones.

Hours are written by the clinic's clock; a slot is an instant and real minutes. It begins at the first minute of a
span or on a quarter of the hour, at a time that the clock shows once or for the first time: what is booked is
named by day and time, and that name must lead back to the same instant. A time that the clocks skip is nobody's.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from clients.rules import clock
from clients.rules.dates import BOOK_AHEAD_DAYS, ImpossibleDate

STEP: Final = timedelta(minutes=15)
MINUTE: Final = timedelta(minutes=1)
# No clock skips more than a day.
MOST_SKIPPED: Final = timedelta(days=1)


class BadHours(ValueError):
    """Hours of a week cannot be kept. `weekday` (0 is Monday) says where; the text says what to do."""

    def __init__(self, weekday: int, sentence: str) -> None:
        super().__init__(sentence)
        self.weekday = weekday


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Hours of a weekday (0 is Monday), wall time, within one day."""

    weekday: int
    starts: time
    ends: time


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A stretch of real time, in UTC: free, or taken."""

    starts_at: datetime
    ends_at: datetime

    def meets(self, other: "Slot") -> bool:
        """Tell whether two stretches have a moment in common; one that ends as the other begins does not."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def week_of(spans: Iterable[Span]) -> tuple[Span, ...]:
    """
    Return the spans of a week in order.

    :raises BadHours: one ends before it begins, is not given to the minute, or meets another of its day
    """
    week = tuple(sorted(spans))
    for span in week:
        if span.ends <= span.starts:
            raise BadHours(span.weekday, "These hours end before they begin. Enter a night as two days.")
        if any(at.second or at.microsecond for at in (span.starts, span.ends)):
            raise BadHours(span.weekday, "Enter hours to the minute.")
    for before, after in pairwise(week):
        if before.weekday == after.weekday and after.starts < before.ends:
            raise BadHours(after.weekday, "Two of these hours lie over each other. Enter them as one.")
    return week


def free(
    day: date,
    spans: Iterable[Span],
    taken: Collection[Slot],
    length: timedelta,
    zone: ZoneInfo,
    *,
    not_before: datetime | None = None,
) -> list[Slot]:
    """
    Return the free slots of a day, in order; none meets another or what is taken.

    day         civil date at the clinic
    spans       hours of any weekday; those of this day are read
    taken       what is booked, on whatever day
    length      real minutes of a slot
    not_before  an instant: what begins before it is over
    :raises ValueError: no length
    """
    if length < MINUTE:
        raise ValueError("A slot takes a minute or more.")
    found: list[Slot] = []
    for span in sorted(spans):
        if span.weekday != day.weekday():
            continue
        closes = first_shown(day, span.ends, zone)
        for starts_at in _starts(day, span, zone):
            slot = Slot(starts_at, starts_at + length)
            if slot.ends_at > closes or (not_before is not None and starts_at < not_before):
                continue
            if not any(slot.meets(one) for one in (*taken, *found)):
                found.append(slot)
    return sorted(found)


def first_shown(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) of a wall time; where the clocks skip it, the instant at which they do."""
    shown = datetime.combine(day, at.replace(second=0, microsecond=0))
    for later in range(MOST_SKIPPED // MINUTE + 1):
        wall = shown + later * MINUTE
        try:
            return clock.instant(wall.date(), wall.time(), zone)
        except clock.NoSuchTime:
            continue
    raise ValueError("The clocks show no time on this day or the next.")


def _starts(day: date, span: Span, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the instants at which a slot may begin: the span's first minute, then each quarter of an hour."""
    shown, ends = (datetime.combine(day, at) for at in (span.starts, span.ends))
    while shown < ends:
        with suppress(clock.NoSuchTime):
            yield clock.instant(day, shown.time(), zone)
        past_quarter = timedelta(minutes=shown.minute) % STEP
        shown += STEP - past_quarter


def require_from(from_on: date, today: date) -> None:
    """
    Refuse new hours from a day that is over, which would rewrite what was so, or more than two years ahead.

    :raises ImpossibleDate: when it is refused
    """
    if from_on < today:
        raise ImpossibleDate("from_on", "This day is over. Choose today or later.")
    if from_on > today + timedelta(days=BOOK_AHEAD_DAYS):
        raise ImpossibleDate("from_on", "This day is more than two years ahead. Check the year.")
