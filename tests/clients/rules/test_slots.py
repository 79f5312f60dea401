"""Free slots: exact examples, both changes of the clocks, and what holds for any day, hours and bookings."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from clients.rules import clock, slots
from clients.rules.slots import BadHours, Slot, Span

CHICAGO = ZoneInfo("America/Chicago")
MONDAY = date(2026, 3, 9)
SPRING = date(2026, 3, 8)  # 2:00 becomes 3:00
AUTUMN = date(2026, 11, 1)  # 1:00 to 2:00 comes twice
HOUR = timedelta(hours=1)
FIFTY = timedelta(minutes=50)


def span(day: date, starts: str, ends: str) -> Span:
    """Return hours of the weekday of a day."""
    return Span(day.weekday(), time.fromisoformat(starts), time.fromisoformat(ends))


def taken(day: date, starts: str, minutes: int, zone: ZoneInfo = CHICAGO) -> Slot:
    """Return a booking at a wall time."""
    at = clock.instant(day, time.fromisoformat(starts), zone)
    return Slot(at, at + timedelta(minutes=minutes))


def shown(found: list[Slot], zone: ZoneInfo = CHICAGO) -> list[str]:
    """Return slots as the clinic's clock shows them."""
    return [f"{one.starts_at.astimezone(zone):%H:%M}-{one.ends_at.astimezone(zone):%H:%M}" for one in found]


def test_a_morning_is_cut_into_sessions_that_begin_on_a_quarter() -> None:
    morning = [span(MONDAY, "09:00", "12:00")]
    assert shown(slots.free(MONDAY, morning, [], FIFTY, CHICAGO)) == ["09:00-09:50", "10:00-10:50", "11:00-11:50"]
    assert shown(slots.free(MONDAY, morning, [], HOUR, CHICAGO)) == ["09:00-10:00", "10:00-11:00", "11:00-12:00"]


def test_a_booking_moves_what_follows_to_the_next_quarter() -> None:
    morning = [span(MONDAY, "09:00", "13:00")]
    found = slots.free(MONDAY, morning, [taken(MONDAY, "09:30", 50)], FIFTY, CHICAGO)
    assert shown(found) == ["10:30-11:20", "11:30-12:20"]


def test_a_slot_may_end_as_a_booking_begins_and_begin_as_it_ends() -> None:
    morning, booked = [span(MONDAY, "09:00", "12:00")], [taken(MONDAY, "10:00", 60)]
    assert shown(slots.free(MONDAY, morning, booked, HOUR, CHICAGO)) == ["09:00-10:00", "11:00-12:00"]


def test_several_spans_are_read_and_only_those_of_the_day() -> None:
    hours = [span(MONDAY, "13:10", "14:20"), span(MONDAY, "09:00", "09:45"), Span(1, time(9), time(17))]
    assert shown(slots.free(MONDAY, hours, [], timedelta(minutes=30), CHICAGO)) == [
        "09:00-09:30", "13:10-13:40", "13:45-14:15",
    ]  # fmt: skip


def test_spans_that_lie_over_each_other_give_each_time_once() -> None:
    hours = [span(MONDAY, "09:00", "11:00"), span(MONDAY, "10:00", "12:00")]
    assert shown(slots.free(MONDAY, hours, [], HOUR, CHICAGO)) == ["09:00-10:00", "10:00-11:00", "11:00-12:00"]


def test_what_has_begun_is_over() -> None:
    morning, now = [span(MONDAY, "09:00", "12:00")], clock.instant(MONDAY, time(9, 1), CHICAGO)
    assert shown(slots.free(MONDAY, morning, [], FIFTY, CHICAGO, not_before=now)) == ["09:15-10:05", "10:15-11:05"]


def test_the_hour_that_is_skipped_is_nobodys() -> None:
    night = [span(SPRING, "01:00", "04:00")]
    assert shown(slots.free(SPRING, night, [], HOUR, CHICAGO)) == ["01:00-03:00", "03:00-04:00"]
    assert shown(slots.free(SPRING, [span(SPRING, "02:00", "03:00")], [], timedelta(minutes=15), CHICAGO)) == []
    early = slots.free(SPRING, [span(SPRING, "02:30", "04:00")], [], HOUR, CHICAGO)
    assert shown(early) == ["03:00-04:00"]
    # Hours that end in the skipped hour end as it begins: an hour from 1:15 would reach 3:15.
    assert shown(slots.free(SPRING, [span(SPRING, "01:15", "02:30")], [], HOUR, CHICAGO)) == []
    assert shown(slots.free(SPRING, [span(SPRING, "01:00", "02:30")], [], HOUR, CHICAGO)) == ["01:00-03:00"]


def test_the_hour_that_comes_twice_is_offered_once() -> None:
    night = [span(AUTUMN, "00:00", "03:00")]
    found = slots.free(AUTUMN, night, [], HOUR, CHICAGO)
    # 1:00 is the first of the two; the second 1:00 has no name of its own, and 2:00 is two hours after the first.
    assert [f"{one.starts_at:%H:%M}" for one in found] == ["05:00", "06:00", "08:00"]
    assert shown(found) == ["00:00-01:00", "01:00-01:00", "02:00-03:00"]


def test_a_booking_in_the_second_hour_is_met_by_a_long_slot() -> None:
    second = datetime(2026, 11, 1, 7, 30, tzinfo=UTC)  # 1:30 for the second time
    found = slots.free(
        AUTUMN, [span(AUTUMN, "01:00", "03:00")], [Slot(second, second + FIFTY)], timedelta(minutes=90), CHICAGO
    )
    assert shown(found) == ["01:00-01:30"]  # an hour and a half, to the second 1:30


def test_a_skipped_midnight_ends_hours_at_the_first_minute_after() -> None:
    beirut, day = ZoneInfo("Asia/Beirut"), date(2026, 3, 29)  # 0:00 becomes 1:00
    assert slots.first_shown(day, time(0), beirut) == clock.instant(day, time(1), beirut)
    assert slots.free(day, [span(day, "00:00", "01:00")], [], timedelta(minutes=15), beirut) == []


def test_a_slot_has_a_length() -> None:
    with pytest.raises(ValueError, match="a minute"):
        slots.free(MONDAY, [span(MONDAY, "09:00", "10:00")], [], timedelta(0), CHICAGO)


@pytest.mark.parametrize(
    ("hours", "weekday", "says"),
    [
        ([Span(2, time(9), time(9))], 2, "before they begin"),
        ([Span(2, time(17), time(9))], 2, "before they begin"),
        (
            [Span(0, time(9), time(12)), Span(4, time(9), time(12)), Span(4, time(11, 59), time(13))],
            4,
            "over each other",
        ),
        ([Span(1, time(9, 0, 30), time(12))], 1, "to the minute"),
    ],
)
def test_hours_that_cannot_be_say_where_and_what_to_do(hours: list[Span], weekday: int, says: str) -> None:
    with pytest.raises(BadHours, match=says) as refused:
        slots.week_of(hours)
    assert refused.value.weekday == weekday


def test_a_week_may_have_hours_that_touch_and_days_off() -> None:
    hours = [Span(3, time(12), time(13)), Span(3, time(9), time(12))]
    assert slots.week_of(hours) == (Span(3, time(9), time(12)), Span(3, time(12), time(13)))
    assert slots.week_of([]) == ()


# --- for any day -----------------------------------------------------------------------------------------------

ZONES = [ZoneInfo(name) for name in ("America/Chicago", "Australia/Lord_Howe", "Asia/Beirut", "Asia/Kathmandu", "UTC")]
CHANGES = {
    "America/Chicago": (SPRING, AUTUMN), "Australia/Lord_Howe": (date(2026, 10, 4), date(2026, 4, 5)),
    "Asia/Beirut": (date(2026, 3, 29), date(2026, 10, 24)),
}  # fmt: skip
minutes = st.integers(0, 24 * 60 - 1).map(lambda m: time(m // 60, m % 60))


@st.composite
def days(draw: st.DrawFn) -> tuple[date, ZoneInfo]:
    """Return a day of 2026 somewhere, half of the time one on which the clocks change there."""
    zone = draw(st.sampled_from(ZONES))
    changes = CHANGES.get(zone.key, ())
    any_day = st.dates(date(2026, 1, 1), date(2026, 12, 31))
    return draw(st.one_of(st.sampled_from(changes), any_day) if changes else any_day), zone


@given(
    days(),
    st.lists(st.tuples(minutes, minutes), max_size=3),
    st.lists(st.tuples(st.integers(-300, 1_700), st.integers(5, 300)), max_size=6),
    st.sampled_from([15, 25, 50, 60, 90]),
)
def test_slots_lie_in_the_hours_and_over_nothing(
    at: tuple[date, ZoneInfo], hours: list[tuple[time, time]], booked: list[tuple[int, int]], length: int
) -> None:
    day, zone = at
    spans = [Span(day.weekday(), *sorted(pair)) for pair in hours if pair[0] != pair[1]]
    assume(spans)
    begins = slots.first_shown(day, time(0), zone)
    busy = [Slot(begins + timedelta(minutes=m), begins + timedelta(minutes=m + n)) for m, n in booked]
    found = slots.free(day, spans, busy, timedelta(minutes=length), zone)
    assert found == sorted(found)
    for one, following in pairwise(found):
        assert not one.meets(following)
    for slot in found:
        assert slot.ends_at - slot.starts_at == timedelta(minutes=length)
        assert not any(slot.meets(one) for one in busy)
        # Its name leads back to it: the wall time exists, and is the first of two.
        assert clock.instant(day, clock.wall_time(slot.starts_at, zone), zone) == slot.starts_at
        assert clock.civil_date(slot.starts_at, zone) == day
        assert any(
            slots.first_shown(day, span.starts, zone) <= slot.starts_at
            and slot.ends_at <= slots.first_shown(day, span.ends, zone)
            for span in spans
        )


@given(days(), minutes, minutes, st.sampled_from([25, 50, 60]))
def test_no_hour_that_fits_is_left_out(at: tuple[date, ZoneInfo], first: time, last: time, length: int) -> None:
    day, zone = at
    assume(first < last)
    lasts = timedelta(minutes=length)
    found = slots.free(day, [Span(day.weekday(), first, last)], [], lasts, zone)
    closes = slots.first_shown(day, last, zone)
    shown_at = datetime.combine(day, first)
    while shown_at < datetime.combine(day, last):
        try:
            start = clock.instant(day, shown_at.time(), zone)
        except clock.NoSuchTime:
            start = None
        on_grid = shown_at.time() == first or shown_at.minute % 15 == 0
        if on_grid and start is not None and start + lasts <= closes:
            assert any(slot.meets(Slot(start, start + lasts)) for slot in found)
        shown_at += timedelta(minutes=1)
