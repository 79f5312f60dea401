"""Dates a person can have been born, admitted and seen on."""

from datetime import date, timedelta
from typing import Final

OLDEST_YEARS: Final = 125
BOOK_AHEAD_DAYS: Final = 730
ENTER_BACK_DAYS: Final = 3_660


class ImpossibleDate(ValueError):
    """A date cannot be right. `field` is born_on, admitted_on, start_on or follow_up_on; the text says what to do."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def require_birth(born_on: date | None, today: date) -> None:
    """
    Refuse a date of birth in the future or more than 125 years ago; an unknown one is allowed.

    :raises ImpossibleDate: when it is refused
    """
    if born_on is not None and not today.year - OLDEST_YEARS <= born_on.year:
        raise ImpossibleDate("born_on", "This date of birth is more than 125 years ago. Check the year.")
    if born_on is not None and born_on > today:
        raise ImpossibleDate("born_on", "This date of birth is in the future. Check the year.")


def require_admission(admitted_on: date, born_on: date | None, today: date) -> None:
    """
    Refuse an admission after today, ten years back, or before birth.

    :raises ImpossibleDate: when it is refused
    """
    if admitted_on > today:
        raise ImpossibleDate("admitted_on", "The day of admission is in the future. Enter the day care began.")
    if (today - admitted_on).days > ENTER_BACK_DAYS:
        raise ImpossibleDate("admitted_on", "The day of admission is more than ten years ago. Check the year.")
    if born_on is not None and admitted_on < born_on:
        raise ImpossibleDate("admitted_on", "The day of admission is before the date of birth. Check both.")


def require_booking(start_on: date, admitted_on: date, today: date) -> None:
    """
    Refuse an appointment before the admission it belongs to, or more than two years ahead.

    :raises ImpossibleDate: when it is refused
    """
    if start_on < admitted_on:
        raise ImpossibleDate("start_on", "This day is before the admission. Choose a later day.")
    if start_on > today + timedelta(days=BOOK_AHEAD_DAYS):
        raise ImpossibleDate("start_on", "This day is more than two years ahead. Check the year.")


def require_assessment(start_on: date, asked_on: date, today: date) -> None:
    """
    Refuse an assessment before the person asked for care, or more than two years ahead.

    :raises ImpossibleDate: when it is refused
    """
    if start_on < asked_on:
        raise ImpossibleDate("start_on", "This day is before they asked for care. Choose a later day.")
    if start_on > today + timedelta(days=BOOK_AHEAD_DAYS):
        raise ImpossibleDate("start_on", "This day is more than two years ahead. Check the year.")


def require_follow_up(follow_up_on: date, today: date) -> None:
    """
    Refuse a day for staying in touch that is over, or more than two years ahead.

    :raises ImpossibleDate: when it is refused
    """
    if follow_up_on < today:
        raise ImpossibleDate("follow_up_on", "This day is over. Enter one that is still to come.")
    if follow_up_on > today + timedelta(days=BOOK_AHEAD_DAYS):
        raise ImpossibleDate("follow_up_on", "This day is more than two years ahead. Check the year.")
