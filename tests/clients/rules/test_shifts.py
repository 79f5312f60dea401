"""When a shift on call can be planned."""

from datetime import UTC, datetime, timedelta

import pytest

from clients.rules.shifts import BadShift, require_shift

NOW = datetime(2026, 3, 9, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("begins", "ends", "field", "says"),
    [
        (HOUR, HOUR, "ends_at", "ends after it begins"),
        (2 * HOUR, HOUR, "ends_at", "ends after it begins"),
        (-8 * HOUR, timedelta(0), "ends_at", "is over"),
        (HOUR, timedelta(days=7, hours=1, minutes=1), "ends_at", "longer than a week"),
        (timedelta(days=366, minutes=1), timedelta(days=367), "starts_at", "a year ahead"),
        (HOUR, 5 * HOUR, "user", "already"),
        (3 * HOUR, 9 * HOUR, "user", "already"),
        (HOUR, 9 * HOUR, "user", "already"),
    ],
)
def test_a_shift_that_cannot_be_says_where_and_what_to_do(
    begins: timedelta, ends: timedelta, field: str, says: str
) -> None:
    held = [(NOW + 4 * HOUR, NOW + 8 * HOUR)]
    with pytest.raises(BadShift, match=says) as refused:
        require_shift(NOW + begins, NOW + ends, NOW, held)
    assert refused.value.field == field


def test_a_shift_may_touch_another_run_already_and_last_a_week() -> None:
    held = [(NOW + 4 * HOUR, NOW + 8 * HOUR)]
    require_shift(NOW - HOUR, NOW + 4 * HOUR, NOW, held)
    require_shift(NOW + 8 * HOUR, NOW + 8 * HOUR + timedelta(days=7), NOW, held)
    require_shift(NOW + timedelta(days=366), NOW + timedelta(days=367), NOW, held)
