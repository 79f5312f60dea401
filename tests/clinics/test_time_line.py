"""The drawing of a time line, as a string: n = 0 and 1, all equal, gaps, what is closed, visits and events."""

import re
from datetime import date, timedelta

import pytest

from clinics.charts import Event, Lane, Series, Visit, time_line
from clinics.charts.timeline import GAP_DAYS, MANY, unbroken

START = date(2026, 1, 5)


def day(number: int) -> date:
    return START + timedelta(days=number)


def lane(*values: tuple[int, float], **other: object) -> Lane:
    series = [Series("", [(day(on), value) for on, value in values])]
    return Lane("Readiness", series, 0, 10, str, **other)  # type: ignore[arg-type]


def test_nothing_at_all_says_so() -> None:
    assert time_line([], label="Time line") == (
        '<svg class="chart chart-axis" height="68" role="img" aria-label="Time line. Nothing yet.">'
        '<text x="0%" y="20" text-anchor="start">Nothing yet.</text></svg>'
    )


def test_one_value_is_a_point_in_the_middle() -> None:
    assert time_line([lane((0, 4))], label="Time line", visits=None) == (
        '<svg class="chart chart-axis" height="100" role="img" '
        'aria-label="Time line. Readiness: one value, 4 on Jan 5, 2026.">'
        '<text x="0%" y="12" text-anchor="start">Readiness</text>'
        '<line class="axis" x1="0%" y1="64" x2="100%" y2="64"/>'
        '<text x="0%" y="24" dx="-8" text-anchor="end">10</text>'
        '<text x="0%" y="68" dx="-8" text-anchor="end">0</text>'
        '<circle class="dot" cx="50%" cy="46.4" r="3"></circle>'
        '<text x="50%" y="96" text-anchor="middle">Jan 5, 2026</text></svg>'
    )


def test_values_that_are_all_equal_are_a_level_line() -> None:
    svg = time_line([lane((0, 5), (10, 5), (20, 5))], label="Time line")
    assert 'd="M0 42 50 42 100 42"' in svg
    assert "from 5 on Jan 5, 2026 to 5 on Jan 25, 2026, 3 values." in svg


def test_a_scale_without_length_divides_by_nothing() -> None:
    assert "<circle" in time_line([Lane("X", [Series("", [(START, 3)])], 3, 3, str)], label="Time line")


def test_a_long_silence_breaks_the_line_and_a_point_alone_stays_seen() -> None:
    svg = time_line([lane((0, 2), (GAP_DAYS, 4), (2 * GAP_DAYS + 1, 6))], label="Time line")
    assert svg.count("<path") == 1
    assert svg.count("<circle") == 3
    places = [(day(n), 0.0, 0.0) for n in (0, GAP_DAYS, 2 * GAP_DAYS + 1)]
    assert [len(run) for run in unbroken(places)] == [2, 1]


def test_many_values_are_a_line_whose_last_one_stands_out() -> None:
    few = time_line([lane(*[(n, n % 10) for n in range(MANY - 1)])], label="Time line")
    many = time_line([lane(*[(n, n % 10) for n in range(MANY)])], label="Time line")
    assert few.count("<circle") == MANY - 1
    assert many.count("<circle") == 1


def test_what_is_closed_says_so_and_draws_no_value() -> None:
    closed = Lane("Measures", (), 0, 1, str, closed="Not yours to read.")
    svg = time_line([lane((0, 4), (9, 6)), closed], label="Time line")
    assert '<text class="closed" x="0%" y="120" text-anchor="start">Not yours to read.</text>' in svg
    assert "Measures: Not yours to read." in svg
    assert svg.count("<path") == 1


def test_the_band_lies_within_the_scale() -> None:
    svg = time_line([lane((0, 2), (9, 9), usual=(-3, 7))], label="Time line")
    assert '<rect class="typical" x="0%" y="33.2" width="100%" height="30.8"/>' in svg


def test_visits_and_events_stand_on_their_day() -> None:
    visits = [Visit(day(0), True), Visit(day(5), False), Visit(day(10), None)]
    svg = time_line([], label="Time line", visits=visits, events=[Event(day(5), "Discharged")])
    for stroke in (
        '<line class="note-line" x1="50%" y1="0" x2="50%" y2="46"/>',
        '<path class="visit" d="M0 20v8" vector-effect="non-scaling-stroke"/>',
        '<path class="visit visit-missed" d="M50 28v8" vector-effect="non-scaling-stroke"/>',
        '<path class="visit visit-off" d="M100 26v4" vector-effect="non-scaling-stroke"/>',
        "Came 1 times, did not come 1 times.",
    ):
        assert stroke in svg, stroke
    assert "Visits" not in time_line([lane((0, 1))], label="Time line", visits=None)


def test_years_of_visits_are_one_path_for_each_kind() -> None:
    visits = [Visit(day(week * 7), (True, False, None)[week % 3]) for week in range(260)]
    svg = time_line([], label="Time line", visits=visits)
    assert svg.count("<path") == 3
    assert len(re.findall(r"M[\d.]+ \d+v\d", svg)) == 260


@pytest.mark.parametrize("width", [None, 600])
def test_words_are_escaped(width: int | None) -> None:
    svg = time_line([Lane("<b>", [Series('"a"', [(START, 1)])], 0, 1, str)], label="x & y", width=width)
    assert "<b>" not in svg
    assert "x &amp; y" in svg
