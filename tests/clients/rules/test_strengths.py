"""Strengths, successes, affirmations and milestones: what each kind may say."""

from datetime import date
from typing import Any

import pytest

from clients.rules import strengths as rules
from clients.rules.strengths import Kind, Wrong

TODAY = date(2026, 11, 1)


def test_each_kind_keeps_what_belongs_to_it() -> None:
    kept = rules.checked(
        Kind.SUCCESS,
        {
            "text": " Quit for a summer\n", "evidence": "", "helped": "My brother", "transfer_to": "goal",
            "happened_on": TODAY,
        },
        TODAY,
    )  # fmt: skip
    assert kept == {
        "text": "Quit for a summer", "evidence": None, "helped": "My brother", "domain": "", "transfer_to": "goal",
        "appointment": None, "happened_on": TODAY,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "values", "field", "says"),
    [
        (Kind.STRENGTH, {"text": " ", "domain": "skill"}, "text", "Write the strength"),
        (Kind.STRENGTH, {"text": "Patient"}, "domain", "what kind"),
        (Kind.STRENGTH, {"text": "x" * 1001, "domain": "skill"}, "text", "at most 1000"),
        (Kind.STRENGTH, {"text": "x", "domain": "skill", "helped": "y"}, "helped", "does not belong"),
        (Kind.STRENGTH, {"text": "x", "domain": "skill", "appointment": 1}, "appointment", "does not belong"),
        (Kind.SUCCESS, {"text": "x", "domain": "skill"}, "domain", "does not belong"),
        (Kind.SUCCESS, {"text": "x", "happened_on": date(2026, 11, 2)}, "happened_on", "still to come"),
        (Kind.AFFIRMATION, {"text": "x", "evidence": "y"}, "evidence", "does not belong"),
        (Kind.MILESTONE, {"text": "30 days"}, "happened_on", "Enter the day"),
        (Kind.MILESTONE, {"text": "30 days", "happened_on": date(2026, 11, 2)}, "happened_on", "still to come"),
    ],
)
def test_what_cannot_be_kept_says_which_field_and_why(
    kind: Kind, values: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(Wrong, match=says) as found:
        rules.checked(kind, values, TODAY)
    assert found.value.field == field
