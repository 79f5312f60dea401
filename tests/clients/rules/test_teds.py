"""The admission record: what it needs, what cannot be right, and the bands that are derived from exact values."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.rules import intake, teds
from clients.rules.teds import BY_KEY, QUESTIONS, UNKNOWN, problems

MINIMUM = {
    "client_type": 1, "transaction": 1, "service_setting": 6, "prior_episodes": 2, "source": 1, "sex": 2, "race": 5,
    "ethnicity": 4, "education": 3, "employment": 1, "substance_1": 2, "route_1": 1, "frequency_1": 3,
    "first_use_1": 15, "opioid_medication": 2,
}  # fmt: skip


def keys(answers: dict[str, int], age: int | None = 38) -> list[str]:
    return [one.key for one in problems(answers, age=age)]


def test_the_minimum_set_is_complete() -> None:
    assert problems(MINIMUM, age=38) == ()


@pytest.mark.parametrize("key", MINIMUM)
def test_each_needed_answer_is_asked_for_and_may_be_unknown(key: str) -> None:
    lacking = {name: code for name, code in MINIMUM.items() if name != key}
    assert key in keys(lacking)
    assert all("not known" in one.sentence or key == "substance_1" for one in problems(lacking, age=38))
    unknown = {**MINIMUM, key: UNKNOWN}
    if key == "substance_1":
        for detail in teds.DETAILS:
            del unknown[f"{detail}_1"]
    assert keys(unknown) == []


def test_nothing_answered_names_every_needed_question_once() -> None:
    assert keys({}) == [question.key for question in QUESTIONS if question.needed]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"service_setting": 9}, "service_setting"),
        ({"service_setting": 0}, "service_setting"),
        ({"sex": True}, "sex"),
        ({"prior_episodes": -1}, "prior_episodes"),
        ({"prior_episodes": 100}, "prior_episodes"),
        ({"first_use_1": 39}, "first_use_1"),
        ({"substance_2": 2, "route_2": 1, "frequency_2": 1, "first_use_2": 20}, "substance_2"),
        ({"substance_3": 4, "route_3": 2, "frequency_3": 1, "first_use_3": 20}, "substance_3"),
        ({"route_2": 1}, "route_2"),
        ({"substance_2": 4}, "route_2"),
        ({"source": 7}, "justice_detail"),
        ({"justice_detail": 3}, "justice_detail"),
        ({"not_in_labor_force": 2}, "not_in_labor_force"),
        ({"star_sign": 1}, "star_sign"),
    ],
)
def test_what_cannot_be_right_is_named(changes: dict[str, int], wrong: str) -> None:
    assert keys({**MINIMUM, **changes})[0] == wrong


@pytest.mark.parametrize(
    "changes",
    [
        {"source": 7, "justice_detail": 3},
        {"source": 7, "justice_detail": UNKNOWN},
        {"employment": 4, "not_in_labor_force": 2},
        {"employment": 4},
        {"substance_2": 1, "substance_3": 1},
        {"substance_2": 7, "route_2": 4, "frequency_2": 2, "first_use_2": UNKNOWN,
         "substance_3": 7, "route_3": 1, "frequency_3": 2, "first_use_3": 30},
        {"veteran": 2, "pregnant": UNKNOWN, "arrests_30_days": 0, "self_help": 5},
    ],
)  # fmt: skip
def test_what_can_be_right_is_taken(changes: dict[str, int]) -> None:
    assert keys({**MINIMUM, **changes}) == []


def test_an_unknown_age_refuses_no_first_use() -> None:
    assert keys({**MINIMUM, "first_use_1": 60}, age=None) == []


def test_bands_are_derived() -> None:
    asked = date(2026, 11, 1)
    days = [0, 1, 7, 8, 14, 15, 30, 31, 400]
    found = [teds.days_waited_band(asked, asked + timedelta(days=number)) for number in days]
    assert found == [0, 1, 1, 2, 2, 3, 3, 4, 4]
    with pytest.raises(ValueError, match="before they asked"):
        teds.days_waited_band(asked, asked - timedelta(days=1))
    assert [teds.prior_episodes_band(number) for number in (0, 4, 5, 12, UNKNOWN)] == [0, 4, 5, 5, UNKNOWN]
    ages = [0, 11, 12, 14, 15, 17, 18, 20, 21, 24, 25, 29, 30, 71, UNKNOWN]
    assert [teds.first_use_band(age) for age in ages] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, UNKNOWN]
    assert [teds.arrests_band(number) for number in (0, 1, 2, 9, UNKNOWN)] == [0, 1, 2, 2, UNKNOWN]


def test_intake_starts_the_record() -> None:
    assert teds.prefilled(source="7", substances=("fentanyl", "opioids", "alcohol", "nicotine"), level="outpatient") == {
        "client_type": 1, "transaction": 1, "source": 7, "substance_1": 7, "substance_2": 2, "service_setting": 7,
    }  # fmt: skip
    probation = teds.prefilled(source="7", source_detail="3", substances=(), level="")
    assert probation == {"client_type": 1, "transaction": 1, "source": 7, "justice_detail": 3}
    for source, detail in (("1", "3"), ("7", ""), ("7", "9"), ("", "3")):
        assert "justice_detail" not in teds.prefilled(source=source, source_detail=detail, substances=(), level="")
    assert teds.prefilled(source="", substances=(), level="residential") == {"client_type": 1, "transaction": 1}
    who = {"source": "", "substances": (), "level": ""}
    start = {"client_type": 1, "transaction": 1}
    said = teds.prefilled(**who, gender="female", pregnant="yes", veteran="no", homeless="yes")
    assert said == {**start, "sex": 2, "pregnant": 1, "veteran": 2, "living": 1}
    # Another gender than the record knows, what nobody asked, and where somebody with a home lives, are asked anew.
    assert teds.prefilled(**who, gender="other", pregnant="not_asked", veteran="not_asked", homeless="no") == start
    assert teds.prefilled(**who, gender="male")["sex"] == 1
    assert set(teds.FROM_INTAKE) <= {code for code, _label in intake.SUBSTANCES}
    assert {int(code) for code, _label in intake.SOURCES} == set(teds.SOURCES)


def test_injecting_is_read_from_any_substance() -> None:
    assert not teds.injects(MINIMUM)
    assert teds.injects({**MINIMUM, "route_3": teds.INJECTED})


@given(st.dictionaries(st.sampled_from(sorted(BY_KEY)), st.integers(-12, 130)), st.none() | st.integers(0, 120))
def test_a_record_without_problems_holds_only_known_codes(answers: dict[str, int], age: int | None) -> None:
    found = {one.key for one in problems(answers, age=age)}
    for key, value in answers.items():
        question = BY_KEY[key]
        known = value == UNKNOWN or (
            value in question.codes if question.codes is not None else question.least <= value <= question.most
        )
        assert known or key in found
    for question in QUESTIONS:
        assert not question.needed or question.key in answers or question.key in found
