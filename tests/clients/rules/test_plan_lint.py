"""Hints about a draft: each rule alone, on a plan in which nothing else is worth a word."""

from datetime import date
from typing import Any

import pytest

from clients.rules import plan_lint
from clients.rules.plan_content import Kind, Part
from clients.rules.plan_lint import Around, hints, is_vague, only_attendance
from tests.clients.rules.plan_parts import part, whole

TODAY = date(2026, 11, 1)
AROUND = Around(TODAY, date(2026, 11, 2), date(2026, 12, 2), {"t-1": "high_evoke"})


def codes(parts: list[Part], around: Around = AROUND) -> list[tuple[str, str]]:
    return [(hint.code, hint.lineage) for hint in hints(parts, around)]


def test_a_whole_plan_has_no_hints() -> None:
    assert codes(whole()) == []


FIRM = {"phase": "consolidate_commitment", "target": "t-2"}
SKILLS = {"modality": "cbt", "does": "practise"}


@pytest.mark.parametrize(
    ("changes", "code", "lineage"),
    [
        ({"problem": {"client_words": ""}}, "problem_words", "problem"),
        ({"goal": {"client_words": ""}}, "goal_words", "goal"),
        ({"goal": {"target": ""}}, "goal_target", "goal"),
        ({"goal": {"value_link": ""}}, "no_strength", ""),
        ({"objective": {"text": "Attend all weekly sessions"}}, "step_attendance", "objective"),
        ({"objective": {"text": "Cope better with stress"}}, "step_vague", "objective"),
        ({"objective": {"by_on": "2026-10-31"}}, "step_over", "objective"),
        ({"intervention": {"starts_on": "2026-11-09"}}, "first_week", ""),
        ({"goal": FIRM}, "modality_phase", "intervention"),
        ({"goal": {"target": "t-2"}, "intervention": SKILLS}, "modality_phase", "intervention"),
        (
            {"goal": {"phase": "consolidate_commitment"}, "intervention": {"does": "monitor"}},
            "intensity_action",
            "goal",
        ),
        ({"intervention": {"modality": "other", "does": "teach"}}, "intensity_action", "goal"),
    ],
)
def test_each_rule_says_what_it_saw_and_what_would_mend_it(
    changes: dict[str, dict[str, Any]], code: str, lineage: str
) -> None:
    found = hints(whole(**changes), AROUND)
    assert [(hint.code, hint.lineage) for hint in found] == [(code, lineage)]
    assert found[0].sentence.endswith(".")
    assert found[0].mend.endswith(".")
    assert code in plan_lint.CODES


@pytest.mark.parametrize(
    ("around", "code"),
    [
        (Around(TODAY, date(2026, 11, 2), None), "no_review"),
        (Around(TODAY, date(2026, 11, 2), date(2026, 10, 31)), "late_review"),
    ],
)
def test_a_look_back_that_is_missing_or_late_is_said(around: Around, code: str) -> None:
    assert codes(whole(), around) == [(code, "")]


def test_a_strength_that_is_written_down_elsewhere_answers_for_the_goals() -> None:
    bare = whole(goal={"value_link": ""})
    starts, review = date(2026, 11, 2), date(2026, 12, 2)
    assert codes(bare, Around(TODAY, starts, review, strengths=1)) == []
    assert codes(bare, Around(TODAY, starts, review, strengths=0)) == [("no_strength", "")]


def test_a_thread_that_breaks_off_is_said_and_a_goal_that_is_over_is_left_alone() -> None:
    assert codes(whole()[:1]) == [("problem_goal", "problem")]
    assert codes(whole()[:2]) == [("goal_step", "goal")]
    over = whole(goal={"status": "achieved", "client_words": "", "target": "", "value_link": ""})[:2]
    assert codes(over) == []


def test_skills_fit_a_goal_that_is_firm_and_not_one_that_is_still_explored() -> None:
    assert codes(whole(goal=FIRM, intervention=SKILLS)) == []
    assert codes(whole(goal={"target": "t-2"}, intervention={"modality": "dbt", "does": "monitor"})) == []


def test_hints_come_in_the_order_of_the_plan_and_those_about_the_whole_last() -> None:
    parts = [
        *whole(problem={"client_words": ""}, goal={"value_link": ""}, objective={"text": "Be healthy"}),
        part(Kind.PROBLEM, "second", position=2, client_words=""),
    ]
    assert codes(parts) == [
        ("problem_words", "problem"), ("step_vague", "objective"), ("problem_words", "second"),
        ("problem_goal", "second"), ("no_strength", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("Attend all weekly sessions", True), ("Go to AA meetings 3 times a week", True),
        ("Will participate in group therapy", True), ("Keep every appointment", True), ("Show up on time", True),
        ("Attend sessions and call his sister each Sunday", False), ("Four evenings without drinking", False),
        ("", False),
    ],
)  # fmt: skip
def test_what_asks_for_attendance_alone(text: str, alone: bool) -> None:
    assert only_attendance(text) is alone


@pytest.mark.parametrize(
    ("text", "vague"),
    [
        ("Feel better", True), ("Improve sleep", True), ("Sleep better: in bed by 23:00 on five nights", False),
        ("Try to be healthy", True), ("Walk to the lake on Sundays", False), ("Reduce drinking to two days", False),
    ],
)  # fmt: skip
def test_what_could_mean_many_things(text: str, vague: bool) -> None:
    assert is_vague(text) is vague


def test_no_plan_has_the_hints_of_an_empty_one() -> None:
    assert codes([]) == []
