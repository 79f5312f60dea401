"""The clinic's wall clock on both days of the year on which it jumps, and the rules about days."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from clients.models.appointments import TOOK_PLACE as CODES_TOOK_PLACE
from clients.models.appointments import Attendance
from clients.rules import attendance, clock, dates

CHICAGO = ZoneInfo("America/Chicago")
FORWARD, BACK = date(2026, 3, 8), date(2026, 11, 1)
TODAY = date(2026, 11, 19)


@pytest.mark.parametrize(
    ("day", "at", "expected"),
    [
        (FORWARD, time(1, 59), datetime(2026, 3, 8, 7, 59, tzinfo=UTC)),
        (FORWARD, time(3, 0), datetime(2026, 3, 8, 8, 0, tzinfo=UTC)),
        (BACK, time(0, 59), datetime(2026, 11, 1, 5, 59, tzinfo=UTC)),
        (BACK, time(1, 30), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
        (BACK, time(2, 0), datetime(2026, 11, 1, 8, 0, tzinfo=UTC)),
        (BACK, time(9, 0), datetime(2026, 11, 1, 15, 0, tzinfo=UTC)),
    ],
)
def test_a_wall_time_is_the_instant_the_clinic_means(day: date, at: time, expected: datetime) -> None:
    found = clock.instant(day, at, CHICAGO)
    assert found == expected
    assert (clock.civil_date(found, CHICAGO), clock.wall_time(found, CHICAGO)) == (day, at)


@pytest.mark.parametrize("at", [time(2, 0), time(2, 30), time(2, 59)])
def test_a_time_that_the_clocks_skip_is_refused(at: time) -> None:
    with pytest.raises(clock.NoSuchTime):
        clock.instant(FORWARD, at, CHICAGO)


def test_of_a_time_shown_twice_the_first_is_meant() -> None:
    first = clock.instant(BACK, time(1, 30, fold=1), CHICAGO)
    assert first.astimezone(CHICAGO).utcoffset() == timedelta(hours=-5)


def test_the_civil_date_is_the_clinic_s_and_not_utc_s() -> None:
    assert clock.civil_date(datetime(2026, 11, 20, 4, 0, tzinfo=UTC), CHICAGO) == date(2026, 11, 19)


@pytest.mark.parametrize("born_on", [date(1800, 1, 1), date(1900, 12, 31), date(2026, 11, 20)])
def test_nobody_was_born_then(born_on: date) -> None:
    with pytest.raises(dates.ImpossibleDate) as refused:
        dates.require_birth(born_on, TODAY)
    assert refused.value.field == "born_on"


def test_a_birth_today_or_unknown_or_125_years_ago_is_possible() -> None:
    for born_on in (None, TODAY, date(1901, 1, 1)):
        dates.require_birth(born_on, TODAY)


@pytest.mark.parametrize(
    ("admitted_on", "born_on"),
    [(date(2026, 11, 20), None), (date(2016, 1, 1), None), (date(2020, 1, 1), date(2020, 1, 2))],
)
def test_nobody_was_admitted_then(admitted_on: date, born_on: date | None) -> None:
    with pytest.raises(dates.ImpossibleDate) as refused:
        dates.require_admission(admitted_on, born_on, TODAY)
    assert refused.value.field == "admitted_on"


@pytest.mark.parametrize("start_on", [date(2026, 8, 31), TODAY + timedelta(days=731)])
def test_nothing_is_booked_before_admission_or_in_the_far_future(start_on: date) -> None:
    with pytest.raises(dates.ImpossibleDate):
        dates.require_booking(start_on, date(2026, 9, 1), TODAY)
    dates.require_booking(TODAY + timedelta(days=730), date(2026, 9, 1), TODAY)


def test_the_rules_know_the_codes_of_the_model() -> None:
    assert frozenset(CODES_TOOK_PLACE) == attendance.TOOK_PLACE
    assert set(Attendance.values) >= attendance.AT_THE_TIME


@pytest.mark.parametrize("code", Attendance.values)
def test_what_happened_at_a_time_is_not_known_before(code: str) -> None:
    starts_at = datetime(2026, 11, 19, 15, 0, tzinfo=UTC)
    attendance.require_possible(code, starts_at, starts_at - timedelta(minutes=30))
    if code in ("attended", "attended_late", "left_early", "no_show"):
        with pytest.raises(attendance.NotYet):
            attendance.require_possible(code, starts_at, starts_at - timedelta(minutes=31))
    else:
        attendance.require_possible(code, starts_at, starts_at - timedelta(days=300))
