"""The rules of a plan: every move, signatures, the phase gate, MI in blocks, minutes to a day, reviews."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from clients.rules import plan_words, plans
from clients.rules.plan_content import Kind
from tests.clients.rules.plan_parts import part, whole

STATES = [code for code, _label in plan_words.STATES]
LEGAL = [
    ("draft", "in_review"), ("draft", "closed"), ("in_review", "draft"), ("in_review", "active"),
    ("active", "superseded"), ("active", "closed"),
]  # fmt: skip


@pytest.mark.parametrize(("here", "there"), list(product(STATES, STATES)))
def test_every_move(here: str, there: str) -> None:
    if (here, there) in LEGAL:
        plans.require_move(here, there)
    else:
        with pytest.raises(plans.NoSuchMove, match="cannot become"):
            plans.require_move(here, there)


@pytest.mark.parametrize(
    ("signed", "needs_cosign", "missing"),
    [
        ([], False, ("author", "client")),
        (["author"], False, ("client",)),
        (["author", "client"], False, ()),
        (["author", "guardian"], False, ()),
        (["client"], False, ("author",)),
        (["author", "supervisor"], True, ("client",)),
        (["author", "client"], True, ("supervisor",)),
        (["author", "client", "physician"], True, ("supervisor",)),
        (["author", "client", "supervisor"], True, ()),
    ],
)
def test_which_signatures_are_missing(signed: list[str], needs_cosign: bool, missing: tuple[str, ...]) -> None:
    assert plans.missing_signatures(signed, needs_cosign=needs_cosign) == missing


@pytest.mark.parametrize(
    ("said", "letters"),
    [
        ({}, ""),
        ({"text": "Drink less"}, "S"),
        ({"metric": ""}, "M"),
        ({"unit": ""}, "M"),
        ({"target_value": ""}, "M"),
        ({"achievable": ""}, "A"),
        ({"relevance": ""}, "R"),
        ({"by_on": ""}, "T"),
    ],
)
def test_the_five_letters_of_a_step(said: dict[str, str], letters: str) -> None:
    found = plans.smart(part(Kind.OBJECTIVE, **said))
    assert "".join(one.letter for one in found) == "SMART"
    assert "".join(one.letter for one in found if not one.met) == letters
    assert all(one.ask.endswith(".") for one in found)


@pytest.mark.parametrize("field", ["metric", "target_value", "unit", "by_on"])
def test_a_step_says_what_is_counted_up_to_how_much_and_by_when(field: str) -> None:
    whole_step: dict[str, Any] = {
        "metric": "Evenings", "target_value": Decimal(0), "unit": "a week", "by_on": date(2027, 1, 31)
    }  # fmt: skip
    plans.require_objective(**whole_step)
    with pytest.raises(plans.Wrong) as found:
        plans.require_objective(**{**whole_step, field: None if field in ("target_value", "by_on") else " "})
    assert found.value.field == field


def test_a_plan_is_signed_with_a_goal_and_with_something_for_every_step() -> None:
    assert plans.gaps(whole()) == []
    assert plans.gaps(whole()[:2]) == [], "a goal may still have no step: that is a hint"
    assert "at least one goal" in plans.gaps([])[0]
    assert "at least one goal" in plans.gaps(whole()[:1])[0]
    (gap,) = plans.gaps(whole()[:3])
    assert "Four evenings a week without drinking" in gap


@pytest.mark.parametrize(
    ("readiness", "importance", "commitment", "reason", "allowed"),
    [
        (7, 7, "I will", "", True), (10, 10, "I will", "", True), (6, 7, "I will", "", False),
        (7, 6, "I will", "", False), (7, 7, " ", "", False), (None, 7, "I will", "", False),
        (7, None, "I will", "", False), (2, 2, "", "They asked for it at the court", True),
        (7, 7, "", " ", False),
    ],
)  # fmt: skip
def test_the_phase_gate(
    readiness: int | None, importance: int | None, commitment: str, reason: str, allowed: bool
) -> None:
    asked: dict[str, Any] = {
        "readiness": readiness, "importance": importance, "commitment": commitment, "reason": reason
    }  # fmt: skip
    assert plans.gate(phase="explore_motivation", **asked) == (True, "")
    found, why = plans.gate(phase="consolidate_commitment", **asked)
    assert found is allowed
    assert why


@pytest.mark.parametrize(
    ("planned", "held", "extended", "left", "choices"),
    [
        (None, 0, False, 4, []), (4, 3, False, 1, []), (4, 4, False, 0, ["extend", "move_on", "refer"]),
        (1, 9, False, 0, ["extend", "move_on", "refer"]), (6, 6, True, 0, ["move_on", "refer"]), (6, 5, True, 1, []),
    ],
)  # fmt: skip
def test_mi_comes_in_blocks(planned: int | None, held: int, extended: bool, left: int, choices: list[str]) -> None:
    found = plans.block(planned, held, extended=extended)
    assert (found.left, [code for code, _label in found.choices]) == (left, choices)
    assert found.is_over is (left == 0)


@pytest.mark.parametrize(
    ("held", "extra", "decided", "counted", "choices"),
    [
        (3, 0, False, "3 of 4", []), (4, 0, False, "4 of 4", ["extend", "move_on", "refer"]),
        (5, 2, False, "5 of 4+2", []), (6, 2, False, "6 of 4+2", ["move_on", "refer"]), (6, 2, True, "6 of 4+2", []),
        (4, 0, True, "4 of 4", []),
    ],
)  # fmt: skip
def test_a_block_is_extended_once_by_sessions_and_asks_until_it_was_chosen(
    held: int, extra: int, decided: bool, counted: str, choices: list[str]
) -> None:
    found = plans.block(4, held, extra=extra, decided=decided)
    assert (found.counted, [code for code, _label in found.choices], found.asks) == (counted, choices, bool(choices))


@pytest.mark.parametrize(
    ("choice", "sessions", "field"),
    [
        ("extend", 1, ""), ("extend", 6, ""), ("move_on", None, ""), ("refer", None, ""), ("extend", None, "sessions"),
        ("extend", 0, "sessions"), ("extend", 7, "sessions"), ("move_on", 2, "sessions"), ("stay", None, "decision"),
    ],
)  # fmt: skip
def test_what_can_be_chosen_at_the_end_of_a_block(choice: str, sessions: int | None, field: str) -> None:
    over = plans.block(4, 4)
    if not field:
        plans.require_block_choice(over, choice=choice, sessions=sessions)
        return
    with pytest.raises(plans.Wrong) as refused:
        plans.require_block_choice(over, choice=choice, sessions=sessions)
    assert refused.value.field == field


def test_a_block_that_was_extended_is_not_extended_again() -> None:
    with pytest.raises(plans.Wrong, match="done once"):
        plans.require_block_choice(plans.block(4, 6, extra=2), choice="extend", sessions=1)


@pytest.mark.parametrize("extra", [-1, 7])
def test_a_block_grows_by_at_most_six_sessions(extra: int) -> None:
    with pytest.raises(ValueError, match="1 to 6"):
        plans.block(4, 0, extra=extra)


@pytest.mark.parametrize(("planned", "held"), [(0, 0), (7, 0), (4, -1)])
def test_a_block_has_one_to_six_sessions(planned: int, held: int) -> None:
    with pytest.raises(ValueError, match="1 to 6"):
        plans.block(planned, held)


START = date(2026, 11, 2)


@pytest.mark.parametrize(
    ("times", "per", "minutes", "ends_on", "on", "planned"),
    [
        (1, "week", 50, None, START - timedelta(days=1), Fraction(0)),
        (1, "week", 50, None, START + timedelta(days=6), Fraction(50)),
        (2, "week", 50, None, START + timedelta(days=13), Fraction(200)),
        (1, "week", 50, None, START, Fraction(50, 7)),
        (1, "week", 50, START + timedelta(days=6), START + timedelta(days=90), Fraction(50)),
        (1, "week", 50, START + timedelta(days=90), START + timedelta(days=6), Fraction(50)),
        (1, "month", 60, None, START + timedelta(days=1460), Fraction(60 * 48)),
    ],
)
def test_planned_minutes_run_to_the_earlier_of_the_end_and_the_day_asked_for(
    times: int, per: str, minutes: int, ends_on: date | None, on: date, planned: Fraction
) -> None:
    found = plans.planned_minutes(times=times, per=per, minutes=minutes, starts_on=START, ends_on=ends_on, on=on)
    assert found == planned


def test_the_days_of_a_plan() -> None:
    assert plans.plan_due(date(2026, 11, 1)) == date(2026, 11, 15)
    assert plans.first_review(date(2026, 11, 1)) == date(2026, 12, 1)
    assert plans.next_review(date(2026, 12, 1)) == date(2027, 3, 1)


@pytest.mark.parametrize(
    ("days", "told"),
    [(-8, None), (-7, -7), (-1, -7), (0, 0), (6, 0), (7, 7), (200, 7)],
)
def test_what_is_due_is_told_ahead_on_the_day_and_late(days: int, told: int | None) -> None:
    due = date(2026, 12, 1)
    found = plans.told_on(due, due + timedelta(days=days))
    assert found == (None if told is None else due + timedelta(days=told))


@pytest.mark.parametrize(
    ("progress", "status", "comment", "field"),
    [
        (0, "active", "", ""), (100, "achieved", "Thirty evenings counted", ""), (-1, "active", "", "progress"),
        (101, "active", "", "progress"), (100, "achieved", "  ", "comment"), (50, "done", "", "status"),
        (60, "partly", "", ""),
    ],
)  # fmt: skip
def test_what_a_look_back_can_say_of_a_goal(progress: int, status: str, comment: str, field: str) -> None:
    asked: dict[str, Any] = {"progress": progress, "status": status, "comment": comment}
    if not field:
        plans.require_progress(**asked)
        return
    with pytest.raises(plans.Wrong) as found:
        plans.require_progress(**asked)
    assert found.value.field == field
