"""How soon somebody is to be assessed: by the answers, and by who takes the call; never later than the answers say."""

from itertools import product

import pytest

from clients.rules.clocks import BUSINESS_DAYS, Clock
from clients.rules.safety import HOLDS, Level
from clients.rules.triage import CHOICES, Triage, verdict

CHOSEN = ("", "routine", "urgent")


@pytest.mark.parametrize(
    ("chosen", "levels", "found", "by_rule"),
    [
        ("", [], "routine", False),
        ("", [Level.S1], "routine", False),
        ("", [Level.S1, Level.S2], "urgent", True),
        ("", [Level.S3], "urgent", True),
        ("urgent", [], "urgent", False),
        ("urgent", [Level.S2], "urgent", True),
        ("routine", [], "routine", False),
        ("routine", [Level.S3], "urgent", True),
    ],
)
def test_how_soon(chosen: str, levels: list[Level], found: str, by_rule: bool) -> None:
    result = verdict(chosen, levels)
    assert (result.triage, result.by_rule) == (found, by_rule)


@pytest.mark.parametrize(("chosen", "level"), list(product(CHOSEN, Level)))
def test_no_choice_puts_off_what_the_answers_ask_for(chosen: str, level: Level) -> None:
    assert (verdict(chosen, [level]).triage is Triage.URGENT) == (level in HOLDS or chosen == "urgent")


def test_urgent_is_one_business_day_and_routine_ten() -> None:
    days = {code: BUSINESS_DAYS[verdict(code, []).clock] for code, _label in CHOICES}
    assert days == {"urgent": 1, "routine": 10}
    assert verdict("", []).clock is Clock.ROUTINE_EVALUATION
