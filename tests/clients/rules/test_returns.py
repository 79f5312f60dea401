"""What may be written down of a craving and a return to use, and by when one is looked back on."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from clients.rules import returns as rules
from clients.rules.returns import Wrong

NOW = datetime(2026, 11, 19, 15, 0, tzinfo=UTC)
TODAY = NOW.date()
CRAVING: dict[str, Any] = {"felt_at": NOW, "now": NOW, "intensity": 6, "minutes": None, "helped": None}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"felt_at": NOW + timedelta(seconds=1)}, "felt_at"), ({"felt_at": NOW - timedelta(days=367)}, "felt_at"),
        ({"intensity": 11}, "intensity"), ({"intensity": -1}, "intensity"), ({"minutes": 0}, "minutes"),
        ({"minutes": 1441}, "minutes"), ({"helped": 11}, "helped"),
    ],
)  # fmt: skip
def test_a_craving_that_cannot_be_is_refused_at_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Wrong) as found:
        rules.require_craving(**{**CRAVING, **change})
    assert found.value.field == field


@pytest.mark.parametrize(
    "change", [{}, {"intensity": 0}, {"intensity": 10}, {"minutes": 1}, {"minutes": 1440}, {"helped": 0}]
)
def test_every_other_craving_may_be(change: dict[str, Any]) -> None:
    rules.require_craving(**{**CRAVING, **change})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"happened_on": TODAY + timedelta(days=1)}, "happened_on"),
        ({"happened_on": TODAY - timedelta(days=367)}, "happened_on"),
        ({"substance": "none"}, "substance"), ({"substance": "tea"}, "substance"),
    ],
)  # fmt: skip
def test_a_return_to_use_that_cannot_be_is_refused_at_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Wrong) as found:
        rules.require_return(**{"happened_on": TODAY, "today": TODAY, "substance": "", **change})
    assert found.value.field == field


def test_a_return_to_use_is_looked_back_on_within_seven_days() -> None:
    rules.require_return(happened_on=TODAY, today=TODAY, substance="alcohol")
    assert rules.review_due(date(2026, 12, 28)) == date(2027, 1, 4)


@pytest.mark.parametrize(("ago", "days"), [(-1, 0), (0, 0), (1, 1), (14, 14), (15, 15)])
def test_whole_days_since_it_happened(ago: int, days: int) -> None:
    assert rules.days_since(TODAY - timedelta(days=ago), TODAY) == days
