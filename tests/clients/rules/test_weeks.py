"""Weeks of a calendar, by ISO 8601."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.rules import weeks


@pytest.mark.parametrize(
    ("day", "monday", "name"),
    [
        (date(2026, 11, 22), date(2026, 11, 16), "2026-W47"),
        (date(2026, 11, 23), date(2026, 11, 23), "2026-W48"),
        (date(2027, 1, 3), date(2026, 12, 28), "2026-W53"),
        (date(2024, 12, 30), date(2024, 12, 30), "2025-W01"),
        (date(2021, 1, 1), date(2020, 12, 28), "2020-W53"),
    ],
)
def test_a_day_belongs_to_the_week_of_its_monday(day: date, monday: date, name: str) -> None:
    assert weeks.monday_of(day) == monday
    assert weeks.name_of(monday) == name
    assert weeks.monday_of_week(name) == monday


@given(st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_a_name_leads_back_to_its_week(day: date) -> None:
    monday = weeks.monday_of(day)
    year, number, weekday = monday.isocalendar()
    assert weekday == 1
    assert weeks.monday_of_week(f"{year:04}-W{number:02}") == monday


@pytest.mark.parametrize(
    "name", ["", "x", "2026-W00", "2026-W54", "2025-W53", "0000-W01", "9999-W53", "2026W47", "٢٠٢٦-W47"]
)
def test_what_names_no_week_is_refused(name: str) -> None:
    with pytest.raises(weeks.BadWeek):
        weeks.monday_of_week(name)


def test_a_week_more_than_two_years_away_is_refused() -> None:
    today = date(2026, 11, 22)
    for sign in (-1, 1):
        weeks.require_near(today + sign * weeks.FARTHEST, today)
        with pytest.raises(weeks.BadWeek):
            weeks.require_near(today + sign * (weeks.FARTHEST + timedelta(days=1)), today)
