"""When to try next: the seven attempts, the times a person allows, both changes of the clocks."""

import itertools
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.rules import cadence, clocks
from clients.rules.cadence import suggest
from clients.rules.clocks import CallTimes
from clients.rules.transitions import Facts, Status, legal_moves

CHICAGO = ZoneInfo("America/Chicago")
EVERY_DAY = frozenset(range(7))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO)


def follow(received: datetime, times: tuple[CallTimes, ...] = ()) -> list[datetime]:
    """Make every attempt exactly when it is suggested."""
    made: list[datetime] = []
    while (found := suggest(received, made, CHICAGO, times)) is not None:
        assert found.number == len(made) + 1
        made.append(found.at)
    return made


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (
            "2026-11-19T14:00",
            ["19T14:00", "19T14:15", "19T16:00", "20T09:00", "21T14:00", "23T14:00", "26T14:00"],
        ),
        # At night: at once and soon after, for the person is awake; then in waking hours.
        (
            "2026-11-19T03:00",
            ["19T03:00", "19T03:15", "19T05:00", "20T09:00", "21T09:00", "23T09:00", "26T09:00"],
        ),
        (
            "2026-11-19T23:30",
            ["19T23:30", "19T23:45", "20T01:30", "20T09:00", "21T09:00", "23T09:00", "27T08:00"],
        ),
    ],
)
def test_seven_attempts_follow_the_cadence(received: str, expected: list[str]) -> None:
    assert follow(at(received)) == [at(f"2026-11-{one}") for one in expected]


def test_each_attempt_has_its_words() -> None:
    made = follow(at("2026-11-19T14:00"))
    words = [suggest(made[0], made[:n], CHICAGO).words for n in range(7)]  # type: ignore[union-attr]
    assert words == list(cadence.WORDS)


def test_after_the_seventh_nothing_is_suggested() -> None:
    made = follow(at("2026-11-19T14:00"))
    assert len(made) == 7
    assert suggest(made[0], made, CHICAGO) is None


def test_the_times_the_person_allows_win_and_are_said() -> None:
    evenings = (CallTimes(EVERY_DAY, time(21), time(22)),)
    first = suggest(at("2026-11-19T14:00"), [], CHICAGO, evenings)
    assert first is not None
    assert (first.at, first.client_deferred) == (at("2026-11-19T21:00"), True)
    assert first.words == "Call now, at the first time they allow"
    # Their evening is outside the default hours and still theirs.
    fourth = suggest(first.at, follow(at("2026-11-19T21:00"), evenings)[:3], CHICAGO, evenings)
    assert fourth is not None
    assert fourth.at.astimezone(CHICAGO).time() == time(21)
    inside = suggest(at("2026-11-19T21:30"), [], CHICAGO, evenings)
    assert inside is not None
    assert (inside.words, inside.client_deferred) == ("Call now", False)


def test_late_attempts_do_not_crowd() -> None:
    first = at("2026-11-19T09:00")
    third = suggest(first, [first, at("2026-11-19T15:00")], CHICAGO)
    assert third is not None
    assert third.at == at("2026-11-19T15:15")
    fourth = suggest(first, [first, first, at("2026-11-20T08:50")], CHICAGO)
    assert fourth is not None
    assert fourth.at == at("2026-11-20T10:50")
    made = [first, first, first, at("2026-11-25T10:00")]
    fifth = suggest(first, made, CHICAGO)
    assert fifth is not None
    assert fifth.at == at("2026-11-26T09:00")


@pytest.mark.parametrize("received", ["2026-03-06T02:30", "2026-03-07T14:00", "2026-10-30T01:30", "2026-10-31T09:00"])
def test_days_keep_their_wall_time_over_a_change_of_the_clocks(received: str) -> None:
    made = follow(at(received))
    shown = [one.astimezone(CHICAGO).time() for one in made]
    assert shown[3] == time(9)
    assert made[6] - made[0] >= timedelta(days=7)


def test_the_order_of_attempts_does_not_matter() -> None:
    made = follow(at("2026-11-19T14:00"))[:4]
    assert suggest(made[0], made, CHICAGO) == suggest(made[0], made[::-1], CHICAGO)


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda one: one.replace(tzinfo=UTC))  # noqa: DTZ001
TIMES = st.tuples(st.frozensets(st.integers(0, 6), min_size=1), st.integers(0, 22), st.integers(1, 23)).map(
    lambda three: CallTimes(three[0], time(three[1]), time(max(three[1] + 1, three[2])))
)


@settings(max_examples=150, deadline=None)
@given(MOMENTS, st.lists(TIMES, max_size=2).map(tuple))
def test_following_the_cadence_always_lets_the_inquiry_rest(received: datetime, times: tuple[CallTimes, ...]) -> None:
    made = follow(received, times)
    assert len(made) == 7
    assert all(later - sooner >= timedelta(minutes=15) for sooner, later in itertools.pairwise(made))
    assert all(clocks.may_call(one, times, CHICAGO) for one in made)
    if not times:
        assert all(8 <= one.astimezone(CHICAGO).hour < 20 for one in made[3:])
    facts = Facts(
        attempts=len(made),
        attempt_days=len({one.astimezone(CHICAGO).date() for one in made}),
        attempt_span=clocks.elapsed(made[0], made[-1]),
    )
    (rest,) = [move for move in legal_moves(Status.CONTACTING, facts) if move.target is Status.UNREACHABLE]
    assert rest.holds, rest.missing
