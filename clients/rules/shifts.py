"""When a shift on call can be planned."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

LONGEST: Final = timedelta(days=7)
AHEAD: Final = timedelta(days=366)


class BadShift(ValueError):
    """A shift cannot be. `field` is user, starts_at or ends_at; the text says what to do."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def require_shift(
    starts_at: datetime, ends_at: datetime, now: datetime, held: Iterable[tuple[datetime, datetime]]
) -> None:
    """
    Refuse a shift that ends before it begins, is over, is longer than a week or more than a year ahead.

    held   the same person's other shifts, from when to when: nobody is on call twice at once
    :raises BadShift: when it is refused
    """
    if ends_at <= starts_at:
        raise BadShift("ends_at", "A shift ends after it begins. Check day and time.")
    if ends_at <= now:
        raise BadShift("ends_at", "This shift is over. Plan one that is still to come.")
    if ends_at - starts_at > LONGEST:
        raise BadShift("ends_at", "This shift is longer than a week. Check the day, or plan several.")
    if starts_at - now > AHEAD:
        raise BadShift("starts_at", "This shift is more than a year ahead. Check the year.")
    if any(starts_at < until and since < ends_at for since, until in held):
        raise BadShift("user", "They are on call at this time already. End that shift first, or choose somebody else.")
