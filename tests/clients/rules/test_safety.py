"""What an answer about safety asks for: every row of the rules, on forms of any completeness."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.rules import safety
from clients.rules.safety import Answer, Answers, Behaviour, Cssrs, Finding, Level

TODAY = date(2026, 11, 19)


def codes(answers: Answers) -> list[str]:
    return [one.code for one in safety.findings(answers)]


@pytest.mark.parametrize(
    ("answer", "code", "level", "hold", "due", "answered"),
    [
        (Answer.YES, "safety_yes", Level.S3, True, timedelta(0), True),
        (Answer.PREFERRED_NOT_TO_SAY, "safety_not_said", Level.S1, False, None, True),
        (Answer.NOT_ASKED, "safety_not_asked", Level.S1, False, None, False),
    ],
)
def test_the_safety_question(
    answer: Answer, code: str, level: Level, hold: bool, due: safety.Due, answered: bool
) -> None:
    found = safety.of_question(answer)
    assert found is not None
    assert (found.code, found.level, found.hold, found.due) == (code, level, hold, due)
    assert safety.is_answered(answer) is answered


def test_a_no_asks_for_nothing() -> None:
    assert safety.of_question(Answer.NO) is None
    assert safety.is_answered(Answer.NO)
    assert safety.findings(Answers(question=Answer.NO)) == ()


@pytest.mark.parametrize(
    ("screen", "level"),
    [
        (Cssrs(), None),
        (Cssrs(False, False, behaviour=Behaviour.NEVER), None),
        (Cssrs(item1=True), Level.S1),
        (Cssrs(True, True, False, False, False, Behaviour.NEVER), Level.S1),
        (Cssrs(item2=True), Level.S1),
        (Cssrs(True, True, True, False, False, Behaviour.NEVER), Level.S2),
        (Cssrs(False, False, behaviour=Behaviour.BEFORE), Level.S2),
        (Cssrs(True, True, False, True, False, Behaviour.NEVER), Level.S3),
        (Cssrs(item5=True), Level.S3),
        (Cssrs(False, False, behaviour=Behaviour.RECENT), Level.S3),
        (Cssrs(True, True, True, False, False, Behaviour.RECENT), Level.S3),
    ],
)
def test_a_cssrs_level_follows_its_items(screen: Cssrs, level: Level | None) -> None:
    assert safety.cssrs_level(screen) == level


def test_a_cssrs_screen_skips_what_item_2_makes_needless_and_always_asks_behaviour() -> None:
    assert Cssrs(True, False).gaps == ("behaviour",)
    assert Cssrs(True, True).gaps == ("item3", "item4", "item5", "behaviour")
    assert Cssrs().gaps == ("item1", "item2", "item3", "item4", "item5", "behaviour")
    assert Cssrs(True, False, behaviour=Behaviour.NEVER).gaps == ()


@pytest.mark.parametrize(
    ("level", "code", "hold", "due"),
    [
        (Level.S1, "cssrs_low", False, "same_day"),
        (Level.S2, "cssrs_moderate", True, "same_day"),
        (Level.S3, "cssrs_high", True, timedelta(0)),
    ],
)
def test_what_a_cssrs_level_asks_for(level: Level, code: str, hold: bool, due: safety.Due) -> None:
    found = safety.of_cssrs(level)
    assert found is not None
    assert (found.level, found.code, found.hold, found.due) == (level, code, hold, due)
    assert safety.of_cssrs(None) is None


@pytest.mark.parametrize(
    ("item9", "total", "level"),
    [
        (None, None, None), (0, 27 - 3, None), (0, None, None), (1, 5, Level.S2), (2, None, Level.S2),
        (1, 19, Level.S2), (1, 20, Level.S3), (2, 27, Level.S3), (3, 3, Level.S3), (3, None, Level.S3),
    ],
)  # fmt: skip
def test_phq9_item_9(item9: int | None, total: int | None, level: Level | None) -> None:
    found = safety.of_phq9(item9, total)
    assert (found and found.level) == level
    if found is not None:
        assert found.hold
        assert found.due == (timedelta(0) if level is Level.S3 else "same_day")


@pytest.mark.parametrize(("item9", "total"), [(4, None), (-1, None), (1, 28), (1, -1)])
def test_phq9_out_of_range_is_refused(item9: int, total: int | None) -> None:
    with pytest.raises(ValueError, match="PHQ-9"):
        safety.of_phq9(item9, total)


@pytest.mark.parametrize(("days", "found"), [(None, False), (0, True), (29, True), (30, False), (400, False)])
def test_an_overdose_less_than_30_days_ago_is_triaged_within_the_hour(days: int | None, found: bool) -> None:
    answers = Answers(question=Answer.NO, overdose_days_ago=days)
    assert codes(answers) == ["overdose_recent"] * found
    for one in safety.findings(answers):
        assert (one.level, one.hold, one.due) == (Level.S2, True, timedelta(hours=1))
        assert "naloxone" in one.sentence


def test_a_withdrawal_risk_is_triaged_within_the_hour() -> None:
    (one,) = safety.findings(Answers(question=Answer.NO, withdrawal_risk=True))
    assert (one.code, one.level, one.hold, one.due) == ("withdrawal_risk", Level.S2, True, timedelta(hours=1))
    assert "naloxone" in one.sentence


def test_in_danger_now_is_s3_on_a_form_nobody_has_filled() -> None:
    found = safety.findings(Answers(in_danger_now=True))
    assert [(one.code, one.level, one.due) for one in found] == [
        ("in_danger_now", Level.S3, timedelta(0)),
        ("safety_not_asked", Level.S1, None),
    ]
    assert safety.needs_hold(found)


def test_the_most_urgent_comes_first() -> None:
    answers = Answers(
        question=Answer.PREFERRED_NOT_TO_SAY,
        overdose_days_ago=3,
        withdrawal_risk=True,
        phq9_item9=3,
        cssrs=Cssrs(item3=True),
    )
    assert codes(answers) == [
        "phq9_item9_high", "cssrs_moderate", "overdose_recent", "withdrawal_risk", "safety_not_said",
    ]  # fmt: skip
    assert safety.worst(safety.findings(answers)) is Level.S3


def test_of_two_cssrs_results_the_higher_counts() -> None:
    for entered, screen in itertools.permutations([Level.S3, Level.S1]):
        answers = Answers(Answer.NO, cssrs_level=entered, cssrs=Cssrs(item1=True, item4=screen is Level.S3))
        assert codes(answers) == ["cssrs_high"]


def test_an_untouched_form_asks_for_the_question_only() -> None:
    found = safety.findings(Answers())
    assert [one.code for one in found] == ["safety_not_asked"]
    assert not safety.needs_hold(found)
    assert safety.worst(()) is None


TRI = st.sampled_from([None, False, True])
ANSWERS = st.builds(
    Answers,
    question=st.sampled_from(Answer),
    in_danger_now=st.booleans(),
    overdose_days_ago=st.none() | st.integers(0, 60),
    withdrawal_risk=st.booleans(),
    phq9_item9=st.none() | st.integers(0, 3),
    phq9_total=st.none() | st.integers(0, 27),
    cssrs=st.none() | st.builds(Cssrs, TRI, TRI, TRI, TRI, TRI, st.none() | st.sampled_from(Behaviour)),
    cssrs_level=st.none() | st.sampled_from(Level),
)


@given(ANSWERS)
def test_s2_and_s3_hold_and_have_a_time(answers: Answers) -> None:
    found = safety.findings(answers)
    assert safety.needs_hold(found) == any(one.level in ("S2", "S3") for one in found)
    assert [one.level for one in found] == sorted((one.level for one in found), reverse=True)
    assert len({one.code for one in found}) == len(found)
    for one in found:
        # Of level 1 a low result alone has a time: its further evaluation is written down.
        assert one.hold == (one.due is not None and one.code != "cssrs_low")
        assert (one.level is Level.S3) == (one.due == timedelta(0))
        assert one.sentence.endswith(".")


@given(ANSWERS)
def test_an_answer_that_worries_never_makes_the_form_look_safer(answers: Answers) -> None:
    worried = Answers(
        **{**{name: getattr(answers, name) for name in Answers.__dataclass_fields__}, "in_danger_now": True}
    )
    before = {(one.code, one.level) for one in safety.findings(answers)}
    assert before <= {(one.code, one.level) for one in safety.findings(worried)}


def test_a_review_needs_a_clinician_words_and_a_day() -> None:
    complete = {"by_clinician": True, "rationale": "Spoke for 20 minutes.", "next_check_on": TODAY, "today": TODAY}
    safety.require_review(**complete)  # type: ignore[arg-type]
    for changed, words in [
        ({"by_clinician": False}, "clinician reviews"),
        ({"rationale": " \n"}, "Write what"),
        ({"next_check_on": None}, "Choose the day"),
        ({"next_check_on": TODAY - timedelta(days=1)}, "Choose the day"),
    ]:
        with pytest.raises(safety.ReviewRefused, match=words):
            safety.require_review(**{**complete, **changed})  # type: ignore[arg-type]


def test_a_finding_is_a_value() -> None:
    assert Finding(Level.S2, "x", "X.", None) == Finding(Level.S2, "x", "X.", None)
