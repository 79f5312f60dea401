"""Change beyond chance, alliance, due days and typed numbers (T19, T20, T27)."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.rules import measures
from clients.rules.measures import Due, Way

PHQ = {"criterion": Fraction(6), "cut": Fraction(10)}
GAD = {"criterion": Fraction(4), "cut": Fraction(8)}


@pytest.mark.parametrize(
    ("how", "first", "last", "way", "recovered", "label"),
    [
        (PHQ, 16, 10, Way.BETTER, False, "Reliable improvement"),
        (PHQ, 16, 9, Way.BETTER, True, "Reliable recovery"),
        (PHQ, 11, 7, Way.NONE, True, "Below the cut now; the change may be chance"),
        (PHQ, 8, 14, Way.WORSE, False, "Reliable deterioration"),
        (GAD, 12, 8, Way.BETTER, False, "Reliable improvement"),
        (PHQ, 10, 10, Way.NONE, False, "No reliable change"),
        (PHQ, 10, 5, Way.NONE, True, "Below the cut now; the change may be chance"),
        (PHQ, 9, 14, Way.NONE, False, "No reliable change"),
        (PHQ, 9, 15, Way.WORSE, False, "Reliable deterioration"),
    ],
)
def test_change_beyond_chance_and_recovery(how, first, last, way, recovered, label):
    found = measures.reliable_change(Fraction(first), Fraction(last), **how)
    assert (found.way, found.recovered, found.label) == (way, recovered, label)
    assert found.difference == last - first


def test_where_higher_is_better_a_rise_is_better_and_nobody_recovers_below_a_cut():
    up = measures.reliable_change(
        Fraction(20), Fraction(30), criterion=Fraction(5), cut=Fraction(25), higher_is_worse=False
    )
    down = measures.reliable_change(
        Fraction(30), Fraction(20), criterion=Fraction(5), cut=Fraction(25), higher_is_worse=False
    )
    assert (up.way, up.recovered) == (Way.BETTER, False)
    assert (down.way, down.recovered) == (Way.WORSE, False)


@given(st.integers(0, 27), st.integers(0, 27))
def test_the_way_back_is_the_other_way(first, last):
    there = measures.reliable_change(Fraction(first), Fraction(last), **PHQ)
    back = measures.reliable_change(Fraction(last), Fraction(first), **PHQ)
    other = {Way.BETTER: Way.WORSE, Way.WORSE: Way.BETTER, Way.NONE: Way.NONE}
    assert back.way is other[there.way]
    assert back.difference == -there.difference
    assert not (there.recovered and back.recovered)


def test_the_criterion_of_a_measure_comes_from_its_spread_and_reliability():
    error, criterion = measures.change_criterion(5.0, 0.84)
    assert round(error, 3) == 2.828
    assert round(criterion, 2) == 5.54
    for sd, reliability in ((0, 0.8), (-1, 0.8), (5, 1.1), (5, -0.1)):
        with pytest.raises(ValueError, match="above 0"):
            measures.change_criterion(sd, reliability)


def points(*scores, at=(3, 7, 11, 15)):
    return [(x, Fraction(y)) for x, y in zip(at, scores, strict=False)]


def test_alliance_that_goes_down_asks_to_be_talked_about():
    assert measures.slope(points(48, 50, 45, 41)) == Fraction(-65, 100)
    assert measures.alliance_alert(points(48, 50, 45, 41))
    assert not measures.alliance_alert(points(48, 50, 45, 45)), "three below the first is not four"
    assert measures.alliance_alert(points(48, 46, 44)), "four is"
    assert not measures.alliance_alert(points(48, 40)), "two readings make no line"
    assert not measures.alliance_alert(points(40, 45, 48))
    assert measures.slope([(3, Fraction(1))] * 3) is None
    assert measures.slope(points(40, 40, 40)) == 0


def test_a_fall_since_the_time_before():
    one = Fraction(1)
    assert measures.fell(Fraction(38), Fraction(37), one)
    assert not measures.fell(Fraction(38), Fraction(371, 10), one)
    assert not measures.fell(None, Fraction(1), one)
    assert not measures.fell(Fraction(38), None, one)
    assert not measures.fell(Fraction(38), Fraction(1), None)


@pytest.mark.parametrize(("day", "found"), [(9, Due.LATER), (10, Due.DUE), (16, Due.DUE), (17, Due.LATE)])
def test_due_on_its_day_and_late_a_week_after(day, found):
    assert measures.due(date(2026, 11, 10), date(2026, 11, day)) is found
    assert measures.next_due(date(2026, 10, 27), 14) == date(2026, 11, 10)


@pytest.mark.parametrize(
    ("typed", "decimals", "value"),
    [
        ("23.5", 1, 235), ("23", 1, 230), (" 7 ", 0, 7), ("2,05", 2, 205), ("-2", 0, -2), ("0", 1, 0), ("3.4", 2, 340),
        ("23.55", 1, None), ("23.", 1, None), (".5", 1, None), ("", 0, None), ("x", 0, None), ("1e3", 0, None),
        ("٣", 0, None), ("1" * 12, 0, None), ("--2", 0, None), ("1.2.3", 2, None),
    ],
)  # fmt: skip
def test_typed_numbers_become_whole_numbers_of_the_smallest_unit(typed, decimals, value):
    assert measures.in_units(typed, decimals) == value


@given(st.integers(-1000, 1000), st.integers(0, 3))
def test_what_is_shown_can_be_typed_again(value, decimals):
    assert measures.in_units(measures.from_units(value, decimals), decimals) == value
