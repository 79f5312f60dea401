"""Clocks of an inquiry: real minutes on every day of the year, deferral, business days, shares and waits."""

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.rules import clocks
from clients.rules.clocks import CallTimes, Clock
from clinics.instruments.figures import Reason, display_text

LA, CHICAGO, BEIRUT = ZoneInfo("America/Los_Angeles"), ZoneInfo("America/Chicago"), ZoneInfo("Asia/Beirut")
EVERY_DAY = frozenset(range(7))
MINUTE = timedelta(minutes=1)


def at(text: str, zone: ZoneInfo = CHICAGO, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


def test_t01_five_minutes_over_the_jump_of_the_clocks() -> None:
    reading = clocks.read(
        Clock.FIRST_ATTEMPT,
        at("2026-03-08T01:58", LA),
        at("2026-03-08T12:00", LA),
        LA,
        stopped_at=at("2026-03-08T03:03", LA),
    )
    assert clocks.minutes(reading.elapsed) == 5
    assert (reading.met, reading.late, reading.breached, reading.client_deferred) == (True, False, False, False)


def test_an_hour_shown_twice_is_an_hour_longer() -> None:
    assert clocks.elapsed(at("2026-11-01T00:30"), at("2026-11-01T02:30")) == timedelta(hours=3)
    assert clocks.elapsed(at("2026-11-01T01:30"), at("2026-11-01T01:30", fold=1)) == timedelta(hours=1)


def test_t02_share_of_first_attempts_within_15_minutes() -> None:
    share = clocks.share_within([2, 4, 5, 9, 15, 16, 70], 15)
    assert (share.numerator, share.denominator, share.value) == (5, 7, Fraction(5, 7))
    assert share.value is not None
    assert display_text(share.value, places=1, factor=100, suffix=" %") == "71.4 %"


def test_an_open_clock_counts_once_it_is_beyond() -> None:
    assert clocks.share_within([2], 15, still_open=[15, 1]).denominator == 1
    assert clocks.share_within([2], 15, still_open=[Fraction(901, 60), 1]).value == Fraction(1, 2)
    assert clocks.share_within([], 15, still_open=[3]).reason is Reason.ZERO_DENOMINATOR


def test_t04_days_waited() -> None:
    day = date.fromisoformat
    waits = clocks.wait_days(
        [
            (day("2026-03-01"), day("2026-03-05")),
            (day("2026-03-02"), day("2026-03-16")),
            (day("2026-03-03"), day("2026-03-03")),
            (day("2026-03-10"), None),
        ]
    )
    assert (waits.n, waits.mean.value, waits.median.value) == (3, 6, 4)
    assert (waits.mean.numerator, waits.mean.denominator) == (18, 3)
    # As a page says it, to one decimal; the one who has not begun is in neither figure.
    assert waits.mean.value is not None
    assert display_text(waits.mean.value, places=1) == "6.0"


def test_the_median_of_an_even_count_is_exact() -> None:
    start = date(2026, 3, 1)
    waits = clocks.wait_days([(start, start), (start, start + timedelta(days=1))])
    assert waits.median.value == Fraction(1, 2)


def test_nobody_has_begun_and_nobody_began_before() -> None:
    nobody = clocks.wait_days([(date(2026, 3, 1), None)])
    assert (nobody.n, nobody.mean.reason, nobody.median.reason) == (0, Reason.MISSING_INPUT, Reason.MISSING_INPUT)
    with pytest.raises(ValueError, match="before"):
        clocks.wait_days([(date(2026, 3, 2), date(2026, 3, 1))])


@pytest.mark.parametrize(
    ("opens", "closes", "spans"),
    [
        (None, None, []),
        (time(9), time(17), [(time(9), time(17))]),
        (time(9), None, [(time(9), time(0))]),
        (None, time(17), [(time(0), time(17))]),
        (time(22), time(6), [(time(22), time(0)), (time(0), time(6))]),
        (time(9, 0, 30), time(17), [(time(9), time(17))]),
    ],
)
def test_times_named_for_every_day(opens: time | None, closes: time | None, spans: list[tuple[time, time]]) -> None:
    assert [(one.opens, one.closes) for one in clocks.daily(opens, closes)] == spans


@pytest.mark.parametrize(
    ("clock", "seconds", "late", "breached"),
    [
        (Clock.FIRST_ATTEMPT, 300, False, False),
        (Clock.FIRST_ATTEMPT, 301, True, False),
        (Clock.FIRST_ATTEMPT, 900, True, False),
        (Clock.FIRST_ATTEMPT, 901, True, True),
        (Clock.SPEED_TO_CONTACT, 900, False, False),
        (Clock.SPEED_TO_CONTACT, 901, True, False),
        (Clock.SPEED_TO_CONTACT, 3601, True, True),
        (Clock.ANSWERED_LIVE, 30, False, False),
        (Clock.ANSWERED_LIVE, 31, True, True),
        (Clock.CRISIS, 0, False, False),
        (Clock.CRISIS, 1, True, False),
        (Clock.CRISIS, 301, True, True),
        (Clock.DECISION, 86_400, False, False),
        (Clock.DECISION, 86_401, True, True),
    ],
)
def test_targets_and_breaches(clock: Clock, seconds: int, late: bool, breached: bool) -> None:
    start = at("2026-11-19T16:00")
    stop = start + timedelta(seconds=seconds)
    running = clocks.read(clock, start, stop, CHICAGO)
    assert (running.late, running.breached, running.is_stopped, running.met) == (late, breached, False, False)
    stopped = clocks.read(clock, start, stop + timedelta(days=9), CHICAGO, stopped_at=stop)
    assert (stopped.late, stopped.breached, stopped.is_stopped, stopped.met) == (late, breached, True, not late)
    assert stopped.administrator_at - stopped.breach_at == 15 * MINUTE


def test_a_stop_before_the_start_counts_as_at_once() -> None:
    start = at("2026-11-19T16:00")
    reading = clocks.read(Clock.CRISIS, start, start, CHICAGO, stopped_at=start - MINUTE)
    assert (reading.elapsed, reading.met) == (timedelta(0), True)


DAYTIME = (CallTimes(EVERY_DAY, time(9), time(17)),)


def test_a_clock_waits_for_the_first_minute_the_person_allows() -> None:
    start = at("2026-11-19T22:00")
    reading = clocks.read(Clock.FIRST_ATTEMPT, start, start + timedelta(hours=1), CHICAGO, call_times=DAYTIME)
    assert reading.due_at == at("2026-11-20T09:00")
    assert reading.breach_at == at("2026-11-20T09:10")
    assert (reading.client_deferred, reading.late) == (True, False)
    assert reading.elapsed == timedelta(hours=1)


def test_quiet_hours_of_the_clinic_never_stop_a_clock() -> None:
    start = at("2026-11-19T03:00")
    reading = clocks.read(Clock.FIRST_ATTEMPT, start, start, CHICAGO)
    assert reading.due_at == start + 5 * MINUTE
    assert not reading.client_deferred


def test_times_that_allow_the_due_minute_defer_nothing() -> None:
    start = at("2026-11-19T08:58")
    reading = clocks.read(Clock.FIRST_ATTEMPT, start, start, CHICAGO, call_times=DAYTIME)
    assert (reading.due_at, reading.client_deferred) == (at("2026-11-19T09:03"), False)


def test_times_to_call_move_only_clocks_that_are_kept_by_calling() -> None:
    start = at("2026-11-19T22:00")
    reading = clocks.read(Clock.DECISION, start, start, CHICAGO, call_times=DAYTIME)
    assert (reading.due_at, reading.client_deferred) == (start + timedelta(hours=24), False)
    assert clocks.read(Clock.CRISIS, start, start, CHICAGO, call_times=DAYTIME).breach_at == start + 5 * MINUTE


@pytest.mark.parametrize(
    ("moment", "times", "expected"),
    [
        # Seconds round up to the first whole minute; an allowed moment is itself.
        ("2026-11-19T08:59:30", DAYTIME, "2026-11-19T09:00"),
        ("2026-11-19T16:59:59", DAYTIME, "2026-11-19T16:59:59"),
        ("2026-11-19T17:00", DAYTIME, "2026-11-20T09:00"),
        # 2026-11-19 is a Thursday.
        ("2026-11-19T12:00", (CallTimes(frozenset({3}), time(8), time(12)),), "2026-11-26T08:00"),
        ("2026-11-19T12:00", (CallTimes(frozenset({3}), time(20), time(0)),), "2026-11-19T20:00"),
        ("2026-11-19T23:59:30", (CallTimes(frozenset({3}), time(20), time(0)),), "2026-11-19T23:59:30"),
        ("2026-11-20T00:00", (CallTimes(frozenset({3}), time(20), time(0)),), "2026-11-26T20:00"),
        # A time to call that begins in the hour the clocks skip begins after it.
        ("2026-03-08T00:00", (CallTimes(EVERY_DAY, time(2, 30), time(5)),), "2026-03-08T03:00"),
        ("2026-03-08T00:00", (CallTimes(EVERY_DAY, time(2, 10), time(2, 50)),), "2026-03-09T02:10"),
        # Skipped on its only day of that week.
        ("2026-03-08T00:00", (CallTimes(frozenset({6}), time(2, 10), time(2, 50)),), "2026-03-15T02:10"),
    ],
)
def test_the_first_minute_at_which_one_may_call(moment: str, times: tuple[CallTimes, ...], expected: str) -> None:
    found = clocks.first_allowed(at(moment), times, CHICAGO)
    assert found == at(expected)
    assert found.tzinfo is UTC


def test_a_time_to_call_comes_round_twice_in_autumn() -> None:
    times = (CallTimes(EVERY_DAY, time(0, 30), time(1, 20)),)
    found = clocks.first_allowed(at("2026-11-01T01:40"), times, CHICAGO)
    assert found == at("2026-11-01T01:00", fold=1).astimezone(UTC)


def test_a_day_that_has_no_midnight_begins_when_it_begins() -> None:
    # Beirut's clocks skip 00:00 to 01:00 in spring.
    found = clocks.day_start(date(2026, 3, 29), BEIRUT)
    assert found.astimezone(BEIRUT).replace(tzinfo=None) == datetime(2026, 3, 29, 1)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("weekdays", "opens", "closes", "words"),
    [
        (frozenset(), time(9), time(17), "days"),
        (frozenset({7}), time(9), time(17), "days"),
        (EVERY_DAY, time(17), time(9), "two"),
        (EVERY_DAY, time(9), time(9), "two"),
        (EVERY_DAY, time(9, 0, 30), time(17), "minute"),
    ],
)
def test_times_to_call_that_make_no_sense_are_refused(
    weekdays: frozenset[int], opens: time, closes: time, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        CallTimes(weekdays, opens, closes)


def test_naive_moments_are_refused() -> None:
    naive, aware = datetime(2026, 3, 8, 1), at("2026-03-08T01:00")  # noqa: DTZ001
    for start, stop in [(naive, aware), (aware, naive)]:
        with pytest.raises(ValueError, match="aware"):
            clocks.elapsed(start, stop)


@pytest.mark.parametrize(
    ("start", "clock", "closed", "due"),
    [
        # Wednesday; the next business day ends when Friday begins.
        ("2026-11-18T16:00", Clock.URGENT_EVALUATION, set(), "2026-11-20T00:00"),
        ("2026-11-20T23:59", Clock.URGENT_EVALUATION, set(), "2026-11-24T00:00"),
        ("2026-11-21T09:00", Clock.URGENT_EVALUATION, set(), "2026-11-24T00:00"),
        ("2026-11-25T09:00", Clock.URGENT_EVALUATION, {date(2026, 11, 26), date(2026, 11, 27)}, "2026-12-01T00:00"),
        ("2026-11-18T16:00", Clock.ROUTINE_EVALUATION, set(), "2026-12-03T00:00"),
        ("2026-11-18T16:00", Clock.ROUTINE_EVALUATION, {date(2026, 11, 26)}, "2026-12-04T00:00"),
        ("2026-03-06T16:00", Clock.URGENT_EVALUATION, set(), "2026-03-10T00:00"),
    ],
)
def test_business_days_run_to_the_end_of_the_last(start: str, clock: Clock, closed: set[date], due: str) -> None:
    begun, end = at(start), at(due)
    reading = clocks.read(clock, begun, begun, CHICAGO, closed=closed)
    assert (reading.due_at, reading.breach_at) == (end, end)
    assert clocks.read(clock, begun, begun, CHICAGO, closed=closed, stopped_at=end).met
    assert clocks.read(clock, begun, end + MINUTE, CHICAGO, closed=closed).breached


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda one: one.replace(tzinfo=UTC))  # noqa: DTZ001
# Around both changes of the clocks, where a mistake would show.
EDGES = st.sampled_from([datetime(2026, 3, 8, 8, tzinfo=UTC), datetime(2026, 11, 1, 7, tzinfo=UTC)]).flatmap(
    lambda edge: st.integers(-1500, 1500).map(lambda minutes: edge + minutes * MINUTE)
)
MINUTES = st.integers(0, 1439).map(lambda n: time(n // 60, n % 60))


@st.composite
def call_times(draw: st.DrawFn) -> CallTimes:
    opens, closes = draw(st.tuples(MINUTES, MINUTES).filter(lambda pair: pair[0] != pair[1]).map(sorted))
    weekdays = draw(st.frozensets(st.integers(0, 6), min_size=1))
    return CallTimes(weekdays, opens, closes)


@settings(max_examples=150, deadline=None)
@given(MOMENTS | EDGES, st.lists(call_times(), min_size=1, max_size=3))
def test_no_earlier_minute_is_allowed(moment: datetime, times: list[CallTimes]) -> None:
    found = clocks.first_allowed(moment, times, CHICAGO)
    assert found >= moment
    assert clocks.may_call(found, times, CHICAGO)
    # Walk the last hours before it minute by minute (all of it when it is near).
    walked = max(moment, found - timedelta(hours=30))
    while walked < found:
        assert not clocks.may_call(walked, times, CHICAGO)
        walked += MINUTE


@settings(max_examples=200, deadline=None)
@given(
    MOMENTS | EDGES,
    st.integers(0, 100_000),
    st.integers(0, 100_000),
    st.sampled_from(Clock),
    st.lists(call_times(), max_size=2),
)
def test_clocks_only_move_forward(start: datetime, first: int, more: int, clock: Clock, times: list[CallTimes]) -> None:
    sooner = start + timedelta(seconds=first)
    later = sooner + timedelta(seconds=more)
    one, two = (clocks.read(clock, start, now, CHICAGO, call_times=times) for now in (sooner, later))
    assert two.elapsed - one.elapsed == timedelta(seconds=more)
    assert (one.late, one.breached) <= (two.late, two.breached)
    assert (one.due_at, one.breach_at) == (two.due_at, two.breach_at)
    assert start <= one.due_at <= one.breach_at
    # Whoever came later is never due earlier.
    after = clocks.read(clock, later, later, CHICAGO, call_times=times)
    assert one.due_at <= after.due_at
    assert one.breach_at <= after.breach_at


@given(MOMENTS | EDGES, MOMENTS | EDGES)
def test_real_time_does_not_know_the_zone(start: datetime, stop: datetime) -> None:
    spans = {clocks.elapsed(start.astimezone(zone), stop.astimezone(zone)) for zone in (LA, CHICAGO, BEIRUT)}
    assert spans == {stop - start}
