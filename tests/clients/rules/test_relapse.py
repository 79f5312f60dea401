"""The plan for return to use: what is kept, when it is complete, and what comes first (care.md 3.6, T33)."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.rules import relapse as rules
from clients.rules.relapse import Wrong, checked, read

TODAY = date(2026, 11, 19)


def trigger(text: str = "Payday", risk: Any = 8, confidence: Any = 3, **other: Any) -> dict[str, Any]:
    return {"category": "urge_cue", "text": text, "risk": risk, "confidence": confidence, **other}


def whole() -> dict[str, Any]:
    """Return a plan with everything that completes it."""
    return {
        "triggers": [trigger("Payday", 8, 3), trigger("Arguments", 6, 1), trigger("Weddings", 9, 8)],
        "warnings": [{"kind": "thought", "text": "One will not matter"}],
        "coping": [
            {"text": "Walk to the lake", "type": "distract", "for_trigger": [1, 2]},
            {"text": "Call Ada", "type": "call", "for_trigger": [3]},
        ],
        "supports": [{"name": "Ada", "relation": "sister", "phone": "312 555 0110"}, {"name": "Sol"}],
        "lapse_plan": {"first_hour": "Leave", "who_to_call": "Ada", "return_step": "Come the next day"},
    }


def test_t33_what_asks_for_most_attention_stands_first() -> None:
    plan = read(checked(whole(), TODAY))
    assert [one.priority for one in plan.by_priority] == [56, 54, 18]
    assert [one.text for one in plan.by_priority] == ["Payday", "Arguments", "Weddings"]


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10)), min_size=1, max_size=8))
def test_the_priority_list_falls_and_keeps_every_trigger(pairs: list[tuple[int, int]]) -> None:
    plan = read(checked({"triggers": [trigger(f"T{n}", *pair) for n, pair in enumerate(pairs)]}, TODAY))
    priorities = [one.priority for one in plan.by_priority]
    assert priorities == sorted((risk * (10 - sure) for risk, sure in pairs), reverse=True)
    assert {one.number for one in plan.by_priority} == set(range(1, len(pairs) + 1))


def test_a_whole_plan_is_complete_and_what_was_read_is_what_was_kept() -> None:
    kept = checked(whole(), TODAY)
    plan = read(kept)
    assert plan.complete
    assert plan.missing == ()
    assert checked(kept, TODAY) == kept
    assert plan.first["who_to_call"] == "Ada"
    assert [one.text for one in plan.helped(plan.triggers[0])] == ["Walk to the lake"]


def test_three_covered_triggers_are_enough_and_further_uncovered_ones_are_listed() -> None:
    parts = whole()
    parts["triggers"].append(trigger("Airports"))
    plan = read(checked(parts, TODAY))
    assert plan.complete
    assert [one.text for one in plan.uncovered] == ["Airports"]


@pytest.mark.parametrize(
    ("part", "to", "sentence"),
    [
        ("triggers", [], "0 of 3 triggers"),
        ("triggers", [trigger("a"), trigger("b"), trigger("c")][:2], "2 of 3 triggers"),
        ("coping", [], "0 of 3 triggers"),
        ("coping", [{"text": "Call", "type": "call", "for_trigger": [1, 3]}], "2 of 3 triggers"),
        ("supports", [{"name": "Ada"}], "1 of 2 people"),
        ("lapse_plan", {"first_hour": "Leave"}, "who is called, the step back"),
    ],
)
def test_what_is_missing_is_said(part: str, to: Any, sentence: str) -> None:
    parts = {**whole(), part: to}
    if part == "triggers":
        parts["coping"] = [
            {"text": "x", "type": "delay", "for_trigger": [n + 1 for n in range(len(to))]},
        ]
    plan = read(checked(parts, TODAY))
    assert not plan.complete
    assert len(plan.missing) == 1
    assert sentence in plan.missing[0]


def test_empty_rows_are_left_out_and_numbers_of_triggers_follow() -> None:
    kept = checked(
        {
            "triggers": [{"text": ""}, trigger("Payday"), {}, trigger("Rain")],
            "warnings": [{"kind": "", "text": ""}],
            "coping": [{}, {"text": "Tea", "type": "", "for_trigger": [4, 2, 4]}],
        },
        TODAY,
    )
    assert [one["text"] for one in kept["triggers"]] == ["Payday", "Rain"]
    assert kept["warnings"] == []
    assert kept["coping"] == [{"text": "Tea", "type": "other", "for_trigger": [1, 2]}]


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({}, ""),
        ({"triggers": [{}], "lapse_plan": {"first_hour": "  "}}, ""),
        ({"contract": ["I promise"]}, "contract"),
        ({"lapse_plan": {"promise": "x"}}, "lapse_plan.promise"),
        ({"triggers": [trigger(risk=11)]}, "triggers.0.risk"),
        ({"triggers": [trigger(risk=None)]}, "triggers.0.risk"),
        ({"triggers": [{}, trigger(confidence=-1)]}, "triggers.1.confidence"),
        ({"triggers": [trigger(confidence=True)]}, "triggers.0.confidence"),
        ({"triggers": [trigger(text=" ")]}, "triggers.0.text"),
        ({"triggers": [trigger(category="boredom")]}, "triggers.0.category"),
        ({"triggers": [trigger(last_met_on="2026-11-20")]}, "triggers.0.last_met_on"),
        ({"triggers": [trigger(text="x" * 201)]}, "triggers.0.text"),
        ({"triggers": [trigger()] * 9}, "triggers"),
        ({"warnings": [{"text": "x"}]}, "warnings.0.kind"),
        ({"coping": [{"text": "x", "for_trigger": [1]}]}, "coping.0.for_trigger"),
        ({"coping": [{"type": "call"}]}, "coping.0.text"),
        ({"supports": [{"phone": "312"}]}, "supports.0.name"),
        ({"lapse_plan": {"first_hour": "x" * 601}}, "lapse_plan.first_hour"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(parts: dict[str, Any], field: str) -> None:
    with pytest.raises(Wrong) as found:
        checked(parts, TODAY)
    assert found.value.field == field


def test_a_partial_plan_is_read_as_far_as_it_goes() -> None:
    plan = read({"triggers": [{"category": "conflict", "text": "x", "risk": 8}]})
    assert plan.triggers[0].priority is None
    assert plan.by_priority == plan.triggers
    assert not plan.complete
    assert read({}).missing == rules.Plan().missing
    assert len(read({}).missing) == 3


def test_a_word_stands_for_every_key() -> None:
    for choices in (rules.CATEGORIES, rules.SIGNS, rules.COPING, rules.FIRST):
        assert all(label for _key, label in choices)
        assert len(dict(choices)) == len(choices)
