"""Planned and held minutes, worked out by hand."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.rules.plan_minutes import Minutes, Session, Work, minutes_to, whole

START = date(2026, 11, 2)
MI = {"mi": 100}


def day(days: int) -> date:
    return START + timedelta(days=days)


@pytest.mark.parametrize(
    ("works", "sessions", "on", "expected"),
    [
        # Four weeks of one session of 50 minutes: 200 planned; three sessions, one of them 30 % CBT: 135 of MI.
        (
            [Work("mi", 1, "week", 50, START)],
            [Session(day(0), 50, MI), Session(day(7), 50, {"mi": 70, "cbt": 30}), Session(day(14), 50, MI)],
            day(27),
            [("mi", 200, 135, Fraction(27, 40))],
        ),
        # It ended after two weeks: nothing is planned after, and a session after it is not of the plan.
        (
            [Work("mi", 1, "week", 50, START, day(13))],
            [Session(day(3), 50, MI), Session(day(20), 50, MI)],
            day(27),
            [("mi", 100, 50, Fraction(1, 2))],
        ),
        # Two works of one way on the same days: both are planned, a session counts once.
        (
            [Work("cbt", 1, "week", 30, START), Work("cbt", 1, "week", 20, START)],
            [Session(day(2), 40, {"cbt": 100})],
            day(6),
            [("cbt", 50, 40, Fraction(4, 5))],
        ),
        # Family work and case management are the rest of the mix; DBT is planned and not held.
        (
            [Work("family", 1, "week", 60, START), Work("dbt", 2, "week", 50, START)],
            [Session(day(1), 60, {"mi": 50, "other": 50})],
            day(6),
            [("dbt", 100, 0, Fraction(0)), ("other", 60, 30, Fraction(1, 2))],
        ),
        # Before it begins nothing is planned: there is no share.
        ([Work("mi", 1, "week", 50, day(3))], [Session(day(0), 50, MI)], day(2), [("mi", 0, 0, None)]),
        # A session on a day still to come is not held.
        ([Work("mi", 1, "week", 50, START)], [Session(day(9), 50, MI)], day(6), [("mi", 50, 0, Fraction(0))]),
        ([], [Session(day(0), 50, MI)], day(6), []),
    ],
)
def test_minutes_to_a_day(
    works: list[Work], sessions: list[Session], on: date, expected: list[tuple[str, int, int, Fraction | None]]
) -> None:
    found = [(one.group, one.planned, one.held, one.share) for one in minutes_to(works, sessions, on)]
    assert found == expected


@given(st.integers(1, 31), st.integers(1, 600), st.integers(0, 400), st.integers(0, 400))
def test_what_is_planned_only_grows_until_the_end_and_stands_after(
    times: int, minutes: int, ends: int, later: int
) -> None:
    work = Work("mi", times, "month", minutes, START, day(ends))
    at_end, after = (minutes_to([work], [], day(at))[0].planned for at in (ends, ends + later))
    assert at_end == after
    assert minutes_to([work], [], day(ends // 2))[0].planned <= at_end


@pytest.mark.parametrize(("exact", "shown"), [(Fraction(0), 0), (Fraction(1, 2), 1), (Fraction(50, 7), 7)])
def test_whole_minutes(exact: Fraction, shown: int) -> None:
    assert whole(exact) == shown
    assert Minutes("mi", exact, exact).label == "MI"
