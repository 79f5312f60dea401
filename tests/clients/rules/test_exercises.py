"""Exercises: what may stand in each, the gaps of values, and when weighing both sides asks for care."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.rules import exercises as rules
from clients.rules.exercises import Kind, Wrong
from clients.rules.motivation import Intensity
from clients.rules.reasons import own_share
from clinics.instruments.figures import Reason

# care.md 6.4, T32: wanted and living of the top five.
T32 = ((9, 3), (8, 5), (10, 4), (7, 7), (6, 8))


def value(name: str, rank: int | None = None, wanted: int | None = None, living: int | None = None) -> dict[str, Any]:
    return {"name": name, "rank": rank, "wanted": wanted, "living_it": living}


def values(*numbers: tuple[int | None, int | None]) -> dict[str, Any]:
    """Return values in their order, as they are kept."""
    rows = [value(f"v{place}", place, *both) for place, both in enumerate(numbers, 1)]
    return rules.checked(Kind.VALUES, {"values": rows})


# --- numbers --------------------------------------------------------------------------------------------------------


def test_t32_the_gaps_and_the_discrepancy_of_the_first_five() -> None:
    kept = values(*T32)
    assert [rules.gap(row) for row in rules.ranked(kept)] == [6, 3, 6, 0, 0]
    assert rules.discrepancy(kept).value == 3


def test_only_the_first_five_places_count_whatever_their_order_and_values_without_a_place_do_not() -> None:
    rows = [value(f"v{place}", place, *both) for place, both in enumerate((*T32, (10, 0)), 1)]
    for order in (rows, rows[::-1], rows[3:] + rows[:3]):
        kept = rules.checked(Kind.VALUES, {"values": [value("loose", None, 10, 0), *order]})
        assert rules.discrepancy(kept).value == 3
        assert [row["name"] for row in rules.ranked(kept)] == ["v1", "v2", "v3", "v4", "v5", "v6", "loose"]


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        (T32[:4], Reason.TOO_FEW), ((*T32[:4], (None, 3)), Reason.MISSING_INPUT),
        ((*T32[:4], (3, None)), Reason.MISSING_INPUT),
    ],
)  # fmt: skip
def test_without_five_gaps_there_is_no_discrepancy_and_it_says_why(numbers: Any, reason: Reason) -> None:
    found = rules.discrepancy(values(*numbers))
    assert (found.value, found.reason) == (None, reason)


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10)), min_size=5, max_size=5))
def test_the_discrepancy_lies_from_0_to_10_and_living_more_than_wanted_is_no_gap(numbers: Any) -> None:
    found = rules.discrepancy(values(*numbers))
    assert found.value == Fraction(sum(max(0, wanted - living) for wanted, living in numbers), 5)
    assert 0 <= found.value <= 10


@pytest.mark.parametrize(
    ("are_own", "share"),
    [([True, False, True, True], Fraction(3, 4)), ([False], Fraction(0)), ([True], Fraction(1)), ([], None)],
)
def test_the_share_of_own_reasons_is_undefined_without_reasons(are_own: list[bool], share: Fraction | None) -> None:
    found = own_share(are_own)
    assert found.value == share
    assert (found.reason is Reason.ZERO_DENOMINATOR) is (share is None)


@pytest.mark.parametrize(("confidence", "smaller"), [(None, False), (0, True), (6, True), (7, False), (10, False)])
def test_confidence_under_seven_asks_for_a_smaller_step(confidence: int | None, smaller: bool) -> None:
    kept = rules.checked(Kind.CHANGE_PLAN, {"change": "Sleep", "confidence": confidence})
    assert rules.asks_for_smaller_step(kept) is smaller


# --- what is kept ---------------------------------------------------------------------------------------------------


def test_a_balance_is_kept_in_four_cells_tidied_and_without_empty_rows() -> None:
    kept = rules.checked(
        Kind.BALANCE,
        {"good_now": [{"text": " It \x07 calms  me ", "weight": 7}, {"text": "", "weight": None}, {"text": "Friends"}]},
    )
    assert list(kept) == ["good_now", "less_good_now", "good_change", "less_good_change"]
    assert kept["good_now"] == [{"text": "It calms me", "weight": 7}, {"text": "Friends", "weight": None}]
    assert kept["good_change"] == []


def test_a_plan_for_change_keeps_every_part_and_its_day() -> None:
    kept = rules.checked(
        Kind.CHANGE_PLAN,
        {
            "change": "Drink on\r\nweekends only", "reasons": [{"text": "My son"}],
            "steps": [{"what": "Walk home another way", "when": "Monday", "with_whom": "Sam"}],
            "helpers": [{"who": "Sam"}], "obstacles": [{"what": "Payday", "response": "Call Sam"}],
            "confidence": 8, "commitment": "I will", "starts_on": date(2026, 12, 1),
        },
    )  # fmt: skip
    assert kept["change"] == "Drink on\nweekends only"
    assert kept["steps"] == [{"what": "Walk home another way", "when": "Monday", "with_whom": "Sam"}]
    assert kept["helpers"] == [{"who": "Sam", "how": ""}]
    assert (kept["starts_on"], kept["works"]) == ("2026-12-01", "")
    assert rules.checked(Kind.CHANGE_PLAN, kept) == kept, "what is kept can be kept again"


@pytest.mark.parametrize(
    ("kind", "content", "field", "says"),
    [
        (Kind.BALANCE, {}, "good_now_1_text", "at least one thing"),
        (Kind.BALANCE, {"pros": []}, "", "no part “pros”"),
        (Kind.BALANCE, {"good_now": "x"}, "", "is a list of rows"),
        (Kind.BALANCE, {"good_now": [["x"]]}, "", "is a list of rows"),
        (Kind.BALANCE, {"good_now": [{"note": "x"}]}, "", "no column “note”"),
        (Kind.BALANCE, {"good_now": [{"text": 4}]}, "good_now_1_text", "in words"),
        (Kind.BALANCE, {"good_now": [{"text": "a"}, {"weight": 3}]}, "good_now_2_text", "or empty the row"),
        (Kind.BALANCE, {"good_now": [{"text": "a", "weight": 11}]}, "good_now_1_weight", "from 0 to 10"),
        (Kind.BALANCE, {"good_now": [{"text": "a", "weight": -1}]}, "good_now_1_weight", "from 0 to 10"),
        (Kind.BALANCE, {"good_now": [{"text": "a", "weight": True}]}, "good_now_1_weight", "from 0 to 10"),
        (Kind.BALANCE, {"good_now": [{"text": "a", "weight": "3"}]}, "good_now_1_weight", "from 0 to 10"),
        (Kind.BALANCE, {"good_now": [{"text": "a" * 201}]}, "good_now_1_text", "at most 200"),
        (Kind.BALANCE, {"good_now": [{"text": "a"}] * 9}, "", "room for 8; this has 9"),
        (Kind.VALUES, {"values": []}, "values_1_name", "at least one thing"),
        (Kind.VALUES, {"values": [{"name": "a", "importance": 0}]}, "values_1_importance", "from 1 to 5"),
        (Kind.VALUES, {"values": [{"name": "a", "importance": 6}]}, "values_1_importance", "from 1 to 5"),
        (Kind.VALUES, {"values": [{"name": "a", "rank": 0}]}, "values_1_rank", "from 1 to 10"),
        (Kind.VALUES, {"values": [value("a", 1), {}, value("b", 1)]}, "values_3_rank", "in place 1"),
        (Kind.CHANGE_PLAN, {}, "change", "the change they want"),
        (Kind.CHANGE_PLAN, {"change": "a" * 1001}, "change", "at most 1000"),
        (Kind.CHANGE_PLAN, {"change": "a", "confidence": 11}, "confidence", "from 0 to 10"),
        (Kind.CHANGE_PLAN, {"change": "a", "starts_on": "soon"}, "starts_on", "real date"),
        (Kind.CHANGE_PLAN, {"change": "a", "starts_on": 4}, "starts_on", "real date"),
        (Kind.CHANGE_PLAN, {"change": "a", "steps": [{"when": "now"}]}, "steps_1_what", "or empty the row"),
    ],
)
def test_what_cannot_be_kept_says_which_field_and_why(
    kind: Kind, content: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(Wrong, match=says) as found:
        rules.checked(kind, content)
    assert found.value.field == field


# --- weighing both sides --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suggested", list(Intensity))
def test_both_sides_are_weighed_with_somebody_undecided_only_as_a_confirmed_neutral_choice(
    suggested: Intensity,
) -> None:
    high = suggested in (Intensity.HIGH_ENGAGE, Intensity.HIGH_EVOKE)
    assert rules.needs_neutral(suggested) is high
    refusals = [
        rules.refused(suggested, purpose, meant=meant)
        for purpose, meant in (("neutral_choice", True), ("neutral_choice", False), ("consolidate", True))
    ]
    assert [one and one.field for one in refusals] == ([None, "meant", "purpose"] if high else [None] * 3)


def test_the_caution_says_what_may_happen_and_what_to_do_instead() -> None:
    assert "want the change less" in rules.CAUTION
    assert "reasons to change" in rules.INSTEAD
