"""
Who pays: kinds of cover, what a payer answered, and what it authorized.

source   shared/domain/care.md 1.7; codes of insurance and payment as in the public-use files of TEDS-A. Ours: which
         codes contradict each other, and when an authorization is to be renewed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from clients.rules import names, teds
from clients.rules.intake import Choices

# Codes of the national data set, kept as they are so that the admission record takes them over.
PLAN_TYPES: Final[Choices] = tuple((str(code), label) for code, label in teds.INSURANCE.items())
PAYMENTS: Final[Choices] = tuple((str(code), label) for code, label in teds.PAYERS.items())
NO_PLAN: Final = "4"
RELATIONS: Final[Choices] = (
    ("self", "The person"),
    ("spouse", "Spouse or partner"),
    ("parent", "Parent"),
    ("other", "Somebody else"),
)
NETWORKS: Final[Choices] = (("in", "In network"), ("out", "Out of network"), ("unknown", "Not known"))
METHODS: Final[Choices] = (
    ("phone", "Telephone"),
    ("portal", "The payer’s website"),
    ("electronic", "Electronic inquiry"),
    ("fax", "Fax"),
)
RESULTS: Final[Choices] = (
    ("active", "Active"),
    ("inactive", "Not active"),
    ("out_of_network", "Active, out of network"),
    ("unknown", "Not known yet"),
)

MOST: Final = 3  # ways of paying of one person; the first is asked first
SELF_PAY, NO_CHARGE = "1", "6"
NOBODY_ELSE: Final = frozenset({SELF_PAY, NO_CHARGE})
# Who pays that way has that plan; every other payment goes with any.
PLAN_OF_PAYMENT: Final[Mapping[str, str]] = {"2": "1", "3": "3", "4": "2"}
SELF: Final = "self"
OLDEST: Final = date(1900, 1, 1)
LATEST: Final = date(2200, 1, 1)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that cannot be right: the field it stands in, and what to do."""

    field: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Cover:
    """
    One way in which care is paid for, as it is written down. Empty means: not known.

    rank                 1 is asked first
    plan_type, payment   codes of PLAN_TYPES and PAYMENTS
    relation             of the subscriber to the person, code of RELATIONS
    estimate_given_on    when somebody who pays themselves was told what it will cost
    """

    rank: int
    plan_type: str
    payment: str
    payer: str = ""
    payer_number: str = ""
    member_id: str = ""
    group_number: str = ""
    subscriber_relation: str = ""
    subscriber_name: str = ""
    subscriber_born_on: date | None = None
    effective_on: date | None = None
    ends_on: date | None = None
    network: str = "unknown"
    estimate_given_on: date | None = None


def problems(cover: Cover, today: date) -> list[Problem]:
    """Return what cannot be right about a way of paying, in the order of its fields; empty when it can."""
    return [*_codes(cover), *_plan(cover), *_subscriber(cover, today), *_days(cover, today)]


def _codes(cover: Cover) -> Iterable[Problem]:
    if not 1 <= cover.rank <= MOST:
        yield Problem("rank", f"Choose a place from 1 to {MOST}.")
    for field, value, choices in (
        ("plan_type", cover.plan_type, PLAN_TYPES), ("payment", cover.payment, PAYMENTS),
        ("network", cover.network, NETWORKS),
    ):  # fmt: skip
        if value not in dict(choices):
            yield Problem(field, "Choose one of the list.")
    plan = PLAN_OF_PAYMENT.get(cover.payment)
    if plan is not None and plan != cover.plan_type:
        payment, label = dict(PAYMENTS)[cover.payment], dict(PLAN_TYPES)[plan]
        yield Problem("payment", f"“{payment}” goes with the plan “{label}”. Change one of the two.")


def _plan(cover: Cover) -> Iterable[Problem]:
    payer = names.tidy(cover.payer)
    if not payer and cover.plan_type != NO_PLAN:
        yield Problem("payer", "Write the name of the plan or payer, as on the card.")
    if payer and cover.plan_type == NO_PLAN and cover.payment in NOBODY_ELSE:
        yield Problem("payer", "Nobody else pays here. Take the payer out, or choose the plan.")
    if not payer:
        for field, value, what in (
            ("member_id", cover.member_id, "member ID"), ("group_number", cover.group_number, "group number"),
        ):  # fmt: skip
            if names.tidy(value):
                yield Problem(field, f"A {what} belongs to a payer. Write the payer too, or take it out.")
    if cover.member_id.strip() and not any(char.isalnum() for char in cover.member_id):
        yield Problem("member_id", "Enter the letters and digits of the member ID, as on the card.")


def _subscriber(cover: Cover, today: date) -> Iterable[Problem]:
    name = names.tidy(cover.subscriber_name)
    if cover.subscriber_relation not in {"", *dict(RELATIONS)}:
        yield Problem("subscriber_relation", "Choose one of the list.")
    elif cover.subscriber_relation in ("", SELF):
        sentence = "Say who the subscriber is to the person, or leave this empty."
        if cover.subscriber_relation == SELF:
            sentence = "The person is the subscriber. Leave this empty: who they are stands in their record."
        if name:
            yield Problem("subscriber_name", sentence)
        if cover.subscriber_born_on is not None:
            yield Problem("subscriber_born_on", sentence)
    elif not name:
        yield Problem("subscriber_name", "Write the name of the subscriber, as on the card.")
    if cover.subscriber_born_on is not None and not OLDEST <= cover.subscriber_born_on <= today:
        yield Problem("subscriber_born_on", "This date of birth cannot be right. Check the year.")


def _days(cover: Cover, today: date) -> Iterable[Problem]:
    for field, day in (("effective_on", cover.effective_on), ("ends_on", cover.ends_on)):
        if day is not None and not OLDEST <= day <= LATEST:
            yield Problem(field, "This year cannot be right. Check it.")
    if cover.effective_on is not None and cover.ends_on is not None and cover.ends_on < cover.effective_on:
        yield Problem("ends_on", "The last day is before the first. Check both.")
    if cover.estimate_given_on is not None:
        if cover.payment != SELF_PAY:
            yield Problem("estimate_given_on", "An estimate is for somebody who pays themselves. Take the day out.")
        elif not OLDEST <= cover.estimate_given_on <= today:
            yield Problem("estimate_given_on", "This day is still to come. Enter the day on which it was given.")


def why_not_asked(plan_type: str, payer: str, *, has_member_id: bool) -> str:
    """Return what a cover lacks before its payer can be asked, as a sentence; empty when nothing."""
    if plan_type == NO_PLAN or not names.tidy(payer):
        return "There is no payer to ask. The person pays themselves, or nobody does."
    return "" if has_member_id else "Write the member ID first. Without it the payer cannot answer."


def in_record(plan_type: str, payment: str) -> dict[str, int]:
    """Return a way of paying as the admission record codes it, to start its form from."""
    return {
        key: int(code)
        for key, code, codes in (("insurance", plan_type, teds.INSURANCE), ("payer", payment, teds.PAYERS))
        if code.isdecimal() and int(code) in codes
    }


# --- what a payer answered --------------------------------------------------------------------------------------------

CENT: Final = Decimal("0.01")
MOST_MONEY: Final = Decimal("9999999.99")
PERCENT: Final = Decimal(100)
MONEY: Final = ("deductible", "deductible_met", "copay", "out_of_pocket_max")
# Nothing is promised where the plan does not stand, or nobody knows yet.
PROMISES: Final = frozenset({"active", "out_of_network"})


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What a payer said. None means: it did not say.

    deductible, deductible_met, copay, out_of_pocket_max   in the clinic's currency, to the cent
    coinsurance                                            the person's share in percent
    visit_limit                                            visits that the plan pays for
    """

    method: str
    result: str
    reference: str = ""
    deductible: Decimal | None = None
    deductible_met: Decimal | None = None
    copay: Decimal | None = None
    coinsurance: Decimal | None = None
    out_of_pocket_max: Decimal | None = None
    authorisation_required: bool | None = None
    visit_limit: int | None = None
    notes: str = ""


def answer_problems(answer: Answer) -> list[Problem]:
    """Return what cannot be right about what a payer said; empty when it can."""
    found = []
    for field, value, choices in (("method", answer.method, METHODS), ("result", answer.result, RESULTS)):
        if value not in dict(choices):
            found.append(Problem(field, "Choose one of the list."))
    for field in (*MONEY, "coinsurance"):
        amount = getattr(answer, field)
        if amount is not None and not _exact(amount, PERCENT if field == "coinsurance" else MOST_MONEY):
            words = "a share from 0 to 100 percent" if field == "coinsurance" else "an amount in dollars and cents"
            found.append(Problem(field, f"Enter {words}, such as 20 or 12.50."))
    met, whole = answer.deductible_met, answer.deductible
    if met is not None and whole is not None and met > whole:
        found.append(Problem("deductible_met", "More is met than the deductible is. Check both amounts."))
    said = any(getattr(answer, field) is not None for field in (*MONEY, "coinsurance", "visit_limit"))
    if said and answer.result in dict(RESULTS) and answer.result not in PROMISES:
        found.append(Problem("result", "Amounts and limits belong to an active plan. Choose what the payer said."))
    return found


def _exact(amount: Decimal, most: Decimal) -> bool:
    return amount.is_finite() and 0 <= amount <= most and amount == amount.quantize(CENT)


# --- what a payer authorized ------------------------------------------------------------------------------------------

LAST_DAYS: Final = timedelta(days=14)
DUE_BEFORE_END: Final = timedelta(days=7)
FEW_UNITS: Final = 2
FEW_UNITS_WITHIN: Final = timedelta(days=2)
MOST_UNITS: Final = 9_999


class Renewal(StrEnum):
    """Why an authorization is to be renewed now."""

    FEW_UNITS = "few_units"
    REVIEW = "review"
    ENDS = "ends"


@dataclass(frozen=True, slots=True)
class Agreed:
    """So many units between two days, both included; `next_review_on` is when the payer looks again."""

    from_on: date
    until_on: date
    units: int
    units_used: int = 0
    next_review_on: date | None = None

    @property
    def left(self) -> int:
        """Return the units that are left; negative when more were used than were agreed to."""
        return self.units - self.units_used


@dataclass(frozen=True, slots=True)
class Due:
    """That something is to be renewed: why, since which day (None: not known), and by the end of which."""

    why: Renewal
    since: date | None
    by: date


def agreed_problems(agreed: Agreed) -> list[Problem]:
    """Return what cannot be right about an authorization; empty when it can."""
    found = []
    for field, day in (("from_on", agreed.from_on), ("until_on", agreed.until_on)):
        if not OLDEST <= day <= LATEST:
            found.append(Problem(field, "This year cannot be right. Check it."))
    if agreed.until_on < agreed.from_on:
        found.append(Problem("until_on", "The last day is before the first. Check both."))
    if not 1 <= agreed.units <= MOST_UNITS:
        found.append(Problem("units", f"Enter how many units were authorized, from 1 to {MOST_UNITS}."))
    if not 0 <= agreed.units_used <= MOST_UNITS:
        found.append(Problem("units_used", f"Enter how many units are used, from 0 to {MOST_UNITS}."))
    review = agreed.next_review_on
    if review is not None and not agreed.from_on <= review <= agreed.until_on:
        found.append(Problem("next_review_on", "The review is between the first day and the last. Check it."))
    return found


def renewals(agreed: Agreed, today: date) -> list[Due]:
    """
    Return why an authorization is to be renewed now and by when, the most pressing reason first; empty when it is not.

    At two units left, from its next review on, and in its last 14 days. Over, there is nothing to renew any more.
    """
    found: list[Due] = []
    if today > agreed.until_on:
        return found
    if agreed.left <= FEW_UNITS:
        found.append(Due(Renewal.FEW_UNITS, None, min(today + FEW_UNITS_WITHIN, agreed.until_on)))
    if agreed.next_review_on is not None and today >= agreed.next_review_on:
        found.append(Due(Renewal.REVIEW, agreed.next_review_on, today))
    if today >= agreed.until_on - LAST_DAYS:
        since = agreed.until_on - LAST_DAYS
        found.append(Due(Renewal.ENDS, since, max(today, agreed.until_on - DUE_BEFORE_END)))
    return found
