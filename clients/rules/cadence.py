"""
When to try next, until a person is reached.

Attempts are suggested at once, after 15 minutes, after 2 hours, the next morning, and on days 2, 4 and 7. Following
them to the end always allows “Not reached so far”. A suggestion is never before the attempts already made, and never
at a time the person does not want.

source   shared/domain/care.md 1.2, a product default without validation. Ours: from the next morning on calls stay
         between 8:00 and 20:00 unless the person named other times; after it each attempt has a day of its own; day 7
         is never less than seven whole days after the first.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from clients.rules.clocks import CallTimes, first_allowed, may_call
from clients.rules.transitions import MIN_ATTEMPT_SPAN

SOON: Final = (timedelta(minutes=15), timedelta(hours=2))
MORNING: Final = time(9)
LATER_DAYS: Final = (2, 4, 7)
SPACING: Final = timedelta(minutes=15)
WAKING: Final = (CallTimes(frozenset(range(7)), time(8), time(20)),)
WORDS: Final = (
    "Call now",
    "Try again 15 minutes after the first attempt",
    "Try again 2 hours after the first attempt",
    "Try again the next morning",
    "Try again on day 2",
    "Try again on day 4",
    "Try again on day 7",
)
MOVED: Final = "at the first time they allow"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """
    The next attempt.

    at               instant, UTC
    number           1 to 7: which attempt this would be
    words            for the screen
    client_deferred  the times the person allows have moved it
    """

    at: datetime
    number: int
    words: str
    client_deferred: bool


def _wall(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the instant of a wall time; one that the clocks skip is the same span later."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def _planned(number: int, first: datetime, zone: ZoneInfo) -> datetime:
    """Return when attempt 2 to 7 is meant, by the first attempt alone."""
    if number <= 1 + len(SOON):
        return first + SOON[number - 2]
    shown = first.astimezone(zone)
    if number == 2 + len(SOON):
        return _wall(shown.date() + timedelta(days=1), MORNING, zone)
    later = LATER_DAYS[number - 3 - len(SOON)]
    # Whoever wrote in the night was awake then; days later that is no hour to call.
    hour = shown.time().replace(fold=0) if may_call(first, WAKING, zone) else MORNING
    at = _wall(shown.date() + timedelta(days=later), hour, zone)
    return max(at, first + MIN_ATTEMPT_SPAN) if later == LATER_DAYS[-1] else at


def suggest(
    received_at: datetime,
    attempts: Sequence[datetime],
    zone: ZoneInfo,
    call_times: Collection[CallTimes] = (),
) -> Suggestion | None:
    """
    Return when to try next, or None after the seventh attempt.

    attempts    instants of the attempts so far, in any order
    call_times  when the person may be called; none given is any time
    :raises ValueError: the person allows no time within 15 days
    """
    number = len(attempts) + 1
    if number > len(WORDS):
        return None
    made = sorted(moment.astimezone(UTC) for moment in attempts)
    wanted = max(_planned(number, made[0], zone), made[-1] + SPACING) if made else received_at.astimezone(UTC)
    if number == 2 + len(SOON):
        wanted = max(wanted, made[-1] + SOON[-1])
    if number > 2 + len(SOON):
        # Each of these on a day of its own, so that late or rare times do not crowd them together.
        wanted = max(wanted, _wall(made[-1].astimezone(zone).date() + timedelta(days=1), MORNING, zone))
    if number > 1 + len(SOON) and not call_times:
        wanted = first_allowed(wanted, WAKING, zone)
    at = first_allowed(wanted, call_times, zone)
    deferred = at != wanted
    words = f"{WORDS[number - 1]}, {MOVED}" if deferred else WORDS[number - 1]
    return Suggestion(at, number, words, deferred)
