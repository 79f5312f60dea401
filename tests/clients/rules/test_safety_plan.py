"""A plan for safety: six parts in order, lines with limits, complete when each part has one."""

import pytest

from clients.rules import safety_plan as rules
from clients.rules.safety_plan import CRISIS_LINE, Wrong

WHOLE = {code: ["A line"] for code in rules.CODES}


def test_the_six_parts_stand_in_their_order_and_the_crisis_line_is_there_from_the_beginning() -> None:
    assert rules.CODES == ("signs", "alone", "company", "help", "professionals", "surroundings")
    assert {part.code: part.filled for part in rules.PARTS if part.filled} == {"professionals": (CRISIS_LINE,)}
    assert "988" in CRISIS_LINE
    assert not any("contract" in (part.label + part.ask).lower() for part in rules.PARTS)


def test_lines_are_tidied_and_empty_ones_left_out_in_every_part() -> None:
    found = rules.checked({"signs": ["  I stop \x07 eating ", "", "I pace\nI do not sleep"]})
    assert list(found) == list(rules.CODES)
    assert found["signs"] == ["I stop eating", "I pace", "I do not sleep"]
    assert found["help"] == []


@pytest.mark.parametrize(
    ("parts", "field", "says"),
    [
        ({}, "", "at least one line"),
        ({"signs": [" ", "\n"]}, "", "at least one line"),
        ({"professionals": [CRISIS_LINE]}, "", "of the person's own"),
        ({"promise": ["I will not"]}, "promise", "six parts"),
        ({"signs": ["x"] * 11}, "signs", "at most 10 lines; this has 11"),
        ({"help": ["x" * 201]}, "help", "at most 200 characters on a line; one has 201"),
    ],
)
def test_what_cannot_be_kept_says_which_part_and_why(parts: dict[str, list[str]], field: str, says: str) -> None:
    with pytest.raises(Wrong, match=says) as found:
        rules.checked(parts)
    assert found.value.field == field


def test_the_limits_themselves_are_kept() -> None:
    assert rules.checked({"signs": ["x" * 200] * 10})["signs"] == ["x" * 200] * 10
    assert len("\n".join(["x" * 200] * 10)) <= rules.PART_CHARS


@pytest.mark.parametrize("code", rules.CODES)
def test_a_plan_is_complete_when_every_part_has_a_line(code: str) -> None:
    assert rules.complete(WHOLE)
    short = {**WHOLE, code: [" "]}
    assert not rules.complete(short)
    assert [part.code for part in rules.missing(short)] == [code]
