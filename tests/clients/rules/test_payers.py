"""Who pays: codes that go together, what an answer may say, and when an authorization is to be renewed."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from clients.rules import payers, teds
from clients.rules.payers import Agreed, Answer, Cover, Renewal

TODAY = date(2026, 11, 22)
PLAN = Cover(rank=1, plan_type="1", payment="2", payer="Blue Plan", member_id="XK-4471", subscriber_relation="self")
OWN = Cover(rank=1, plan_type="4", payment="1", estimate_given_on=date(2026, 11, 1))


def fields(cover: Cover) -> list[str]:
    return [one.field for one in payers.problems(cover, TODAY)]


def test_a_plan_and_the_persons_own_money_are_right_as_they_are() -> None:
    assert fields(PLAN) == []
    assert fields(OWN) == []
    assert fields(replace(OWN, payment="5", estimate_given_on=None, payer="State grant")) == []


@pytest.mark.parametrize(
    ("plan", "payment", "right"),
    [
        ("1", "2", True), ("1", "1", True), ("1", "3", False), ("1", "4", False), ("2", "4", True), ("2", "2", False),
        ("3", "3", True), ("3", "4", False), ("4", "1", True), ("4", "2", False), ("4", "3", False), ("4", "4", False),
        ("4", "6", True), ("4", "5", True), ("2", "7", True), ("3", "6", True),
    ],
)  # fmt: skip
def test_plan_and_payment_that_contradict_each_other_are_refused(plan: str, payment: str, right: bool) -> None:
    payer = "" if plan == "4" else "A payer"
    cover = Cover(rank=1, plan_type=plan, payment=payment, payer=payer)
    assert ("payment" not in fields(cover)) is right


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"payer": " "}, "payer"),
        ({"rank": 0}, "rank"),
        ({"rank": 4}, "rank"),
        ({"plan_type": "9"}, "plan_type"),
        ({"payment": ""}, "payment"),
        ({"network": "maybe"}, "network"),
        ({"member_id": "- -"}, "member_id"),
        ({"subscriber_relation": "aunt"}, "subscriber_relation"),
        ({"subscriber_relation": "parent"}, "subscriber_name"),
        ({"subscriber_name": "Ana Marsh"}, "subscriber_name"),
        ({"subscriber_relation": "", "subscriber_name": "Ana Marsh"}, "subscriber_name"),
        ({"subscriber_born_on": date(1960, 1, 1)}, "subscriber_born_on"),
        (
            {"subscriber_relation": "parent", "subscriber_name": "Ana", "subscriber_born_on": date(2026, 11, 23)},
            "subscriber_born_on",
        ),
        ({"effective_on": date(2026, 2, 1), "ends_on": date(2026, 1, 31)}, "ends_on"),
        ({"effective_on": date(202, 2, 1)}, "effective_on"),
        ({"ends_on": date(9999, 1, 1)}, "ends_on"),
        ({"estimate_given_on": TODAY}, "estimate_given_on"),
    ],
)
def test_each_thing_that_cannot_be_right_is_named_beside_its_field(change: dict[str, object], field: str) -> None:
    assert field in fields(replace(PLAN, **change))  # type: ignore[arg-type]


def test_the_same_day_is_in_order_and_a_subscriber_with_a_name_is_right() -> None:
    assert fields(replace(PLAN, effective_on=TODAY, ends_on=TODAY)) == []
    parent = replace(
        PLAN, subscriber_relation="parent", subscriber_name="Ana Marsh", subscriber_born_on=date(1960, 1, 1)
    )
    assert fields(parent) == []


def test_nobody_else_pays_where_nobody_else_pays() -> None:
    assert fields(replace(OWN, payer="Blue Plan")) == ["payer"]
    assert fields(replace(OWN, member_id="1")) == ["member_id"]
    assert fields(replace(OWN, group_number="1")) == ["group_number"]
    assert fields(replace(OWN, estimate_given_on=TODAY + timedelta(days=1))) == ["estimate_given_on"]
    assert fields(replace(OWN, estimate_given_on=TODAY)) == []


def test_a_payer_is_asked_with_a_name_and_a_member_id() -> None:
    assert payers.why_not_asked("1", "Blue Plan", has_member_id=True) == ""
    assert "member ID" in payers.why_not_asked("1", "Blue Plan", has_member_id=False)
    assert "no payer" in payers.why_not_asked("4", "Grant", has_member_id=True)
    assert "no payer" in payers.why_not_asked("1", " ", has_member_id=True)


def test_every_code_stands_in_the_admission_record_as_it_is() -> None:
    for plan, _label in payers.PLAN_TYPES:
        for payment, _words in payers.PAYMENTS:
            found = payers.in_record(plan, payment)
            assert found == {"insurance": int(plan), "payer": int(payment)}
            assert found["insurance"] in teds.INSURANCE
            assert found["payer"] in teds.PAYERS
    assert payers.in_record("9", "x") == {}


# --- answers ----------------------------------------------------------------------------------------------------------

ANSWER = Answer(
    "phone", "active", deductible=Decimal("1500.00"), deductible_met=Decimal("1500"), copay=Decimal("20.5"),
    coinsurance=Decimal("100"), out_of_pocket_max=Decimal("9999999.99"), authorisation_required=True, visit_limit=20,
)  # fmt: skip


def answered(**change: object) -> list[str]:
    return [one.field for one in payers.answer_problems(replace(ANSWER, **change))]  # type: ignore[arg-type]


def test_an_answer_to_the_cent_is_right() -> None:
    assert answered() == []
    assert [one.field for one in payers.answer_problems(Answer("fax", "unknown"))] == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"method": "dream"}, "method"),
        ({"result": ""}, "result"),
        ({"copay": Decimal("-0.01")}, "copay"),
        ({"copay": Decimal("20.005")}, "copay"),
        ({"copay": Decimal("NaN")}, "copay"),
        ({"copay": Decimal("Infinity")}, "copay"),
        ({"out_of_pocket_max": Decimal("10000000")}, "out_of_pocket_max"),
        ({"coinsurance": Decimal("100.01")}, "coinsurance"),
        ({"deductible_met": Decimal("1500.01")}, "deductible_met"),
        ({"result": "inactive"}, "result"),
        ({"result": "unknown"}, "result"),
    ],
)
def test_what_cannot_be_right_about_an_answer_is_named(change: dict[str, object], field: str) -> None:
    assert answered(**change) == [field]


# --- authorizations ---------------------------------------------------------------------------------------------------

AGREED = Agreed(date(2026, 10, 1), date(2026, 12, 31), units=12, units_used=3)


def why(agreed: Agreed, today: date = TODAY) -> list[Renewal]:
    return [one.why for one in payers.renewals(agreed, today)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"until_on": date(2026, 9, 30)}, "until_on"),
        ({"from_on": date(26, 1, 1)}, "from_on"),
        ({"units": 0}, "units"),
        ({"units": 10_000}, "units"),
        ({"units_used": -1}, "units_used"),
        ({"next_review_on": date(2027, 1, 1)}, "next_review_on"),
        ({"next_review_on": date(2026, 9, 30)}, "next_review_on"),
    ],
)
def test_what_cannot_be_right_about_an_authorization_is_named(change: dict[str, object], field: str) -> None:
    assert field in [one.field for one in payers.agreed_problems(replace(AGREED, **change))]  # type: ignore[arg-type]
    assert payers.agreed_problems(AGREED) == []


def test_units_that_are_left_may_be_fewer_than_none() -> None:
    assert (AGREED.left, replace(AGREED, units_used=14).left) == (9, -2)
    assert payers.agreed_problems(replace(AGREED, units_used=14)) == []


def test_it_is_renewed_in_its_last_fourteen_days_and_not_before() -> None:
    assert why(AGREED, date(2026, 12, 16)) == []
    (due,) = payers.renewals(AGREED, date(2026, 12, 17))
    assert (due.why, due.since, due.by) == (Renewal.ENDS, date(2026, 12, 17), date(2026, 12, 24))
    assert payers.renewals(AGREED, date(2026, 12, 31))[0].by == date(2026, 12, 31)
    assert why(AGREED, date(2027, 1, 1)) == []


def test_it_is_renewed_from_the_day_the_payer_looks_again() -> None:
    reviewed = replace(AGREED, next_review_on=TODAY)
    assert why(reviewed, TODAY - timedelta(days=1)) == []
    (due,) = payers.renewals(reviewed, TODAY)
    assert (due.why, due.since, due.by) == (Renewal.REVIEW, TODAY, TODAY)


def test_it_is_renewed_at_two_units_left() -> None:
    assert why(replace(AGREED, units_used=9)) == []
    assert why(replace(AGREED, units_used=10)) == [Renewal.FEW_UNITS]
    assert why(replace(AGREED, units_used=13)) == [Renewal.FEW_UNITS]


def test_every_reason_is_named_the_most_pressing_first() -> None:
    at_once = replace(AGREED, units_used=12, next_review_on=date(2026, 12, 1))
    assert why(at_once, date(2026, 12, 20)) == [Renewal.FEW_UNITS, Renewal.REVIEW, Renewal.ENDS]
