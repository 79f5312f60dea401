"""Weeks of a calendar: from Monday on, named as ISO 8601 names them (2026-W47)."""

import re
from datetime import date, timedelta
from typing import Final

DAYS: Final = 7
# How far from now a calendar is turned.
FARTHEST: Final = timedelta(days=750)
NAME: Final = re.compile(r"([0-9]{4})-W([0-9]{2})")


class BadWeek(ValueError):
    """There is no such week, or it is too far away."""

    field = "week"


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def name_of(monday: date) -> str:
    """Return the name of a week, such as 2026-W47."""
    year, number, _weekday = monday.isocalendar()
    return f"{year}-W{number:02}"


def monday_of_week(name: str) -> date:
    """
    Return the Monday of the week of a name.

    :raises BadWeek: no week has it
    """
    named = NAME.fullmatch(name)
    try:
        if named is not None:
            return date.fromisocalendar(int(named[1]), int(named[2]), 1)
    except ValueError:
        pass
    raise BadWeek("Write a week as 2026-W47: the year and the number of the week.")


def require_near(monday: date, today: date) -> None:
    """
    Refuse a week that is more than two years away.

    :raises BadWeek: it is
    """
    if abs(monday - today) > FARTHEST:
        raise BadWeek("This week is more than two years away. Check the year.")
