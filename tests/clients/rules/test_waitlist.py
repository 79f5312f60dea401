"""Who comes first on the waiting list, and when they are asked again."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.rules import waitlist
from clients.rules.waitlist import Place, Priority

CHICAGO = ZoneInfo("America/Chicago")
SINCE = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pregnant", "injects", "expected"),
    [
        (True, True, 1), (True, False, 2), (True, None, 2), (False, True, 3), (None, True, 3), (False, False, 4),
        (None, None, 4),
    ],
)  # fmt: skip
def test_the_order_of_the_block_grant(pregnant: bool | None, injects: bool | None, expected: int) -> None:
    assert waitlist.priority(pregnant=pregnant, injects=injects) == expected
    assert waitlist.PRIORITY_LABELS[Priority(expected)]


def test_priority_comes_before_waiting_and_waiting_before_the_row() -> None:
    later, earlier = Place(4, SINCE + timedelta(days=1), 1), Place(4, SINCE, 3)
    twin, first = Place(4, SINCE, 2), Place(1, SINCE + timedelta(days=9), 4)
    everybody = [later, earlier, twin, first]
    assert waitlist.in_order(everybody) == [first, twin, earlier, later]
    assert [waitlist.position(one, everybody) for one in everybody] == [4, 3, 2, 1]
    with pytest.raises(ValueError, match="not in"):
        waitlist.position(Place(2, SINCE, 9), everybody)


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 30)), min_size=1, max_size=12))
def test_positions_are_one_to_n_and_nobody_is_overtaken(drawn: list[tuple[int, int]]) -> None:
    places = [Place(priority, SINCE + timedelta(days=days), key) for key, (priority, days) in enumerate(drawn)]
    positions = {place: waitlist.position(place, places) for place in places}
    assert sorted(positions.values()) == list(range(1, len(places) + 1))
    for one in places:
        for other in places:
            if (one.priority, one.since) < (other.priority, other.since):
                assert positions[one] < positions[other]


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        # An ordinary week, and the weeks over both changes of the clocks: nine in the morning by the wall.
        (datetime(2026, 11, 12, 20, tzinfo=UTC), datetime(2026, 11, 19, 15, tzinfo=UTC)),
        (datetime(2026, 10, 29, 20, tzinfo=UTC), datetime(2026, 11, 5, 15, tzinfo=UTC)),
        (datetime(2026, 3, 5, 20, tzinfo=UTC), datetime(2026, 3, 12, 14, tzinfo=UTC)),
        # Late in the evening it is still that day at the clinic.
        (datetime(2026, 11, 13, 4, tzinfo=UTC), datetime(2026, 11, 19, 15, tzinfo=UTC)),
    ],
)
def test_a_check_in_is_owed_a_week_later_at_nine(last: datetime, expected: datetime) -> None:
    assert waitlist.next_check_in(last, CHICAGO) == expected


def test_weeks_are_whole_weeks() -> None:
    assert [waitlist.weeks_waited(date(2026, 11, 2), date(2026, 11, day)) for day in (1, 2, 8, 9, 16)] == [
        0,
        0,
        0,
        1,
        2,
    ]
