"""
How long a person has waited for us, and when we said we would have answered.

Minutes are real minutes: they run on at night and over a change of the clocks. Two clocks count business days of the
clinic's calendar instead. Times at which a person does not want to be called never stop a clock: they move its due
time to the first minute they allow, and say so (`client_deferred`).

source   shared/domain/care.md 1.4, targets are product defaults; shared/design/decisions.md 5.3
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

from clinics.instruments.figures import Figure, Reason, number, ratio, undefined

MINUTE: Final = timedelta(minutes=1)
WEEKEND: Final = frozenset({5, 6})
EVERY_DAY: Final = frozenset(range(7))
NEVER_BEYOND: Final = timedelta(days=15)
ADMINISTRATOR_AFTER: Final = timedelta(minutes=15)


class Clock(StrEnum):
    """One promise with a time."""

    FIRST_ATTEMPT = "first_attempt"
    SPEED_TO_CONTACT = "speed_to_contact"
    ANSWERED_LIVE = "answered_live"
    CRISIS = "crisis"
    URGENT_EVALUATION = "urgent_evaluation"
    ROUTINE_EVALUATION = "routine_evaluation"
    DECISION = "decision"


@dataclass(frozen=True, slots=True)
class Promise:
    """
    A continuous clock's target and breach, both from its start.

    by_call  kept by calling the person, so that the times they allow move it
    """

    target: timedelta
    breach: timedelta
    by_call: bool = False


PROMISES: Final[Mapping[Clock, Promise]] = {
    Clock.FIRST_ATTEMPT: Promise(5 * MINUTE, 15 * MINUTE, by_call=True),
    Clock.SPEED_TO_CONTACT: Promise(15 * MINUTE, 60 * MINUTE, by_call=True),
    Clock.ANSWERED_LIVE: Promise(timedelta(seconds=30), timedelta(seconds=30)),
    Clock.CRISIS: Promise(timedelta(0), 5 * MINUTE),
    Clock.DECISION: Promise(timedelta(hours=24), timedelta(hours=24)),
}
BUSINESS_DAYS: Final[Mapping[Clock, int]] = {Clock.URGENT_EVALUATION: 1, Clock.ROUTINE_EVALUATION: 10}
# Ten business days are never fewer days than this, so that a search may leave out whoever came in later.
ROUTINE_AT_LEAST: Final = timedelta(days=BUSINESS_DAYS[Clock.ROUTINE_EVALUATION])


@dataclass(frozen=True, slots=True)
class CallTimes:
    """
    When a person may be called: on these weekdays (Monday is 0) from `opens` until before `closes`, wall time.

    `closes` at 00:00 is midnight at the end of the day. A night is two of these.
    """

    weekdays: frozenset[int]
    opens: time
    closes: time

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= frozenset(range(7)):
            raise ValueError("Choose one or more days of the week.")
        if self.opens.second or self.closes.second or self.opens.microsecond or self.closes.microsecond:
            raise ValueError("Call times are given to the minute.")
        if self.closes != time(0) and self.opens >= self.closes:
            raise ValueError("The times to call end after they begin. Enter a night as two.")

    def allows(self, shown: datetime) -> bool:
        """Tell whether a moment, as the clinic's clock shows it, lies within."""
        at = shown.time()
        return shown.weekday() in self.weekdays and self.opens <= at and (self.closes == time(0) or at < self.closes)


def daily(opens: time | None, closes: time | None) -> tuple[CallTimes, ...]:
    """
    Return the times that somebody named for every day; () when they named none, which is any time.

    One of the two alone is from or until midnight. A night comes back as two; equal times are the whole day.
    """
    if opens is None and closes is None:
        return ()
    first, last = ((at or time(0)).replace(second=0, microsecond=0) for at in (opens, closes))
    if last == time(0) or first < last:
        return (CallTimes(EVERY_DAY, first, last),)
    return (CallTimes(EVERY_DAY, first, time(0)), CallTimes(EVERY_DAY, time(0), last))


def _require_aware(*moments: datetime) -> None:
    if any(moment.tzinfo is None for moment in moments):
        raise ValueError("Pass aware datetimes.")


def elapsed(start: datetime, stop: datetime) -> timedelta:
    """Return the real time between two instants; wall clocks of one zone would subtract their faces."""
    _require_aware(start, stop)
    return stop.astimezone(UTC) - start.astimezone(UTC)


def minutes(span: timedelta) -> Fraction:
    """Return a span in minutes, exact."""
    return Fraction(span // timedelta(microseconds=1), 60_000_000)


def may_call(moment: datetime, times: Collection[CallTimes], zone: ZoneInfo) -> bool:
    """Tell whether a person may be called at an instant; without times given, always."""
    _require_aware(moment)
    shown = moment.astimezone(zone)
    return not times or any(one.allows(shown) for one in times)


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant (UTC) of a day of the clinic's calendar, also where the clocks skip its midnight."""
    return datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC)


def day_end(day: date, zone: ZoneInfo) -> datetime:
    """Return the last minute (UTC) of a day of the clinic's calendar, which reads as that day and not as the next."""
    return day_start(day + timedelta(days=1), zone) - MINUTE


def first_allowed(moment: datetime, times: Collection[CallTimes], zone: ZoneInfo) -> datetime:
    """
    Return the instant itself when the person may be called at it, else the first minute (UTC) at which they may.

    A day on which the clocks change is walked minute by minute: a time to call may begin in the hour they skip, or
    come round twice.
    :raises ValueError: no such minute within 15 days
    """
    if may_call(moment, times, zone):
        return moment.astimezone(UTC)
    start = moment.astimezone(UTC)
    day = start.astimezone(zone).date()
    for later in range(NEVER_BEYOND.days):
        begins, ends = (day_start(day + timedelta(days=later + n), zone) for n in (0, 1))
        if ends - begins == timedelta(days=1):
            opens = {datetime.combine(day + timedelta(days=later), one.opens, tzinfo=zone) for one in times}
            tried = sorted(shown.astimezone(UTC) for shown in opens)
        else:
            tried = [begins + n * MINUTE for n in range((ends - begins) // MINUTE)]
        for instant in tried:
            if instant >= start and may_call(instant, times, zone):
                return instant
    raise ValueError("No time to call lies within the next 15 days.")


@dataclass(frozen=True, slots=True)
class Reading:
    """
    One clock as it stands.

    elapsed          real time since its start, until its stop or now
    due_at           when the target is missed; breach_at when it is breached; both UTC
    administrator_at when an open breach goes to the administrator
    is_stopped       what the clock waits for has happened
    met              stopped by `due_at`
    late             stopped or still open after `due_at`
    breached         stopped or still open after `breach_at`
    client_deferred  the times the person allows have moved the due time
    """

    clock: Clock
    elapsed: timedelta
    due_at: datetime
    breach_at: datetime
    administrator_at: datetime
    is_stopped: bool
    met: bool
    late: bool
    breached: bool
    client_deferred: bool


def add_business_days(day: date, count: int, closed: Collection[date] = frozenset()) -> date:
    """Return the nth business day after a day: no weekend, none of the clinic's closed days."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() not in WEEKEND and day not in closed
    return day


def read(
    clock: Clock,
    started_at: datetime,
    now: datetime,
    zone: ZoneInfo,
    *,
    stopped_at: datetime | None = None,
    call_times: Collection[CallTimes] = (),
    closed: Collection[date] = frozenset(),
) -> Reading:
    """
    Return how a clock stands now.

    stopped_at  when it happened; before the start counts as at once
    call_times  when the person may be called; none given is any time
    closed      the clinic's closed days, for the clocks that count business days: they run to the end of that day
    """
    until = now if stopped_at is None else stopped_at
    span = max(elapsed(started_at, until), timedelta(0))
    start, deferred = started_at.astimezone(UTC), False
    if clock in BUSINESS_DAYS:
        last = add_business_days(start.astimezone(zone).date(), BUSINESS_DAYS[clock], closed)
        due_at = breach_at = day_start(last + timedelta(days=1), zone)
    else:
        promise = PROMISES[clock]
        due_at, breach_at = start + promise.target, start + promise.breach
        if promise.by_call and call_times:
            plain = due_at, breach_at
            due_at = first_allowed(due_at, call_times, zone)
            breach_at = first_allowed(due_at + (promise.breach - promise.target), call_times, zone)
            deferred = (due_at, breach_at) != plain
    late, breached = start + span > due_at, start + span > breach_at
    return Reading(
        clock=clock,
        elapsed=span,
        due_at=due_at,
        breach_at=breach_at,
        administrator_at=breach_at + ADMINISTRATOR_AFTER,
        is_stopped=stopped_at is not None,
        met=stopped_at is not None and not late,
        late=late,
        breached=breached,
        client_deferred=deferred,
    )


def share_within(
    stopped: Iterable[Fraction | int], within: Fraction | int, still_open: Iterable[Fraction | int] = ()
) -> Figure:
    """
    Return the share of clocks kept within N minutes.

    stopped     minutes of clocks that have stopped
    still_open  minutes so far of clocks that run: one within N is left out, one beyond it counts as not kept
    returns     kept / (stopped + open beyond N), exact; undefined (ZERO_DENOMINATOR) when nothing counts
    pool        sum of kept / sum of counted
    """
    done = list(stopped)
    beyond = sum(1 for one in still_open if one > within)
    return ratio(sum(1 for one in done if one <= within), len(done) + beyond)


@dataclass(frozen=True, slots=True)
class Waits:
    """Days from first contact to first treatment, of those who have begun: how many, mean and median."""

    n: int
    mean: Figure
    median: Figure


def wait_days(pairs: Iterable[tuple[date, date | None]]) -> Waits:
    """
    Return the days people waited from first contact to first treatment.

    pairs    first contact and first treatment, civil dates; who has not begun is left out
    returns  undefined (MISSING_INPUT) figures when nobody has begun
    :raises ValueError: a treatment before the contact
    """
    days = [(treated - contact).days for contact, treated in pairs if treated is not None]
    if any(one < 0 for one in days):
        raise ValueError("A first treatment lies before its first contact.")
    if not days:
        return Waits(0, undefined(Reason.MISSING_INPUT), undefined(Reason.MISSING_INPUT))
    return Waits(len(days), ratio(sum(days), len(days)), number(median(map(Fraction, days))))
