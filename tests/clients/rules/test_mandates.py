"""Mandates: who may hear under which consent, when the next report is due, what a report says, what is asked."""

from dataclasses import replace
from datetime import date

import pytest

from clients.rules import mandates as rules
from clients.rules.consent_terms import Category, Kind, Purpose
from clients.rules.consents import Document
from clients.rules.mandates import Report, Wrong

TODAY = date(2026, 11, 22)
JUSTICE = Document(
    Kind.CRIMINAL_JUSTICE, named_body="County drug court", recipients=("Officer Lane",),
    categories=frozenset({Category.ATTENDANCE}), purposes=frozenset({Purpose.MONITORING}),
)  # fmt: skip
ONE = Document(
    Kind.SPECIFIC, recipients=("Board of Nursing",), categories=frozenset({Category.ATTENDANCE}),
    purposes=frozenset({Purpose.MONITORING}),
)  # fmt: skip


@pytest.mark.parametrize("kind", [code for code, _label in rules.LEGAL])
def test_every_legal_mandate_is_reported_on_under_a_consent_for_criminal_justice(kind: str) -> None:
    assert rules.why_not_under(kind, "County  DRUG court", "", JUSTICE) == ""


@pytest.mark.parametrize(
    ("kind", "may"),
    [
        ("employer", True), ("professional_board", True), ("court", False), ("probation", False), ("parole", False),
        ("diversion", False), ("child_welfare", False),
    ],
)  # fmt: skip
def test_an_employer_or_a_board_may_also_hear_under_a_consent_for_one_recipient(kind: str, may: bool) -> None:
    assert (rules.why_not_under(kind, "Board of nursing", "", ONE) == "") is may


@pytest.mark.parametrize(
    ("kind", "body", "document", "says"),
    [
        (rules.FAMILY, "", JUSTICE, "no legal mandate"),
        ("court", "Another court", JUSTICE, "names County drug court, and the mandate names Another court"),
        ("court", "", JUSTICE, "names County drug court"),
        ("employer", "Another board", ONE, "names Board of Nursing"),
        ("court", "County drug court", replace(JUSTICE, categories=frozenset({Category.IDENTITY})), "attendance"),
        ("employer", "Board of Nursing", replace(ONE, purposes=frozenset({Purpose.TREATMENT})), "another purpose"),
        ("court", "County drug court", replace(JUSTICE, kind=Kind.TPO_SINGLE), "not made for reports"),
        ("employer", "Board of Nursing", replace(ONE, kind=Kind.FAMILY_CONTACT), "not made for reports"),
    ],
)
def test_a_consent_that_does_not_fit_says_why(kind: str, body: str, document: Document, says: str) -> None:
    assert says in rules.why_not_under(kind, body, "", document)


def test_a_consent_for_one_recipient_may_name_the_person_there() -> None:
    assert rules.why_not_under("employer", "Acme", "Robin Vale", replace(ONE, recipients=("Robin Vale",))) == ""
    assert rules.why_not_under("employer", "Acme", "", replace(ONE, recipients=("",))) != ""


@pytest.mark.parametrize(
    ("frequency", "due", "today", "then"),
    [
        ("weekly", date(2026, 11, 22), TODAY, date(2026, 11, 29)),
        ("weekly", date(2026, 11, 1), TODAY, date(2026, 11, 29)),
        ("weekly", date(2026, 11, 25), TODAY, date(2026, 12, 2)),
        ("weekly", None, TODAY, date(2026, 11, 29)),
        ("two_weeks", date(2026, 11, 20), TODAY, date(2026, 12, 4)),
        ("monthly", date(2026, 10, 31), TODAY, date(2026, 11, 30)),
        ("monthly", date(2026, 10, 31), date(2026, 11, 30), date(2026, 12, 31)),
        ("monthly", date(2027, 1, 31), date(2027, 1, 31), date(2027, 2, 28)),
        ("monthly", date(2026, 12, 15), date(2026, 12, 15), date(2027, 1, 15)),
        ("on_request", date(2026, 11, 20), TODAY, None),
        ("none", None, TODAY, None),
    ],
)
def test_the_next_report_keeps_the_rhythm_and_comes_after_today(
    frequency: str, due: date | None, today: date, then: date | None
) -> None:
    assert rules.next_due(frequency, due, today) == then


def test_the_first_report_is_one_period_from_the_beginning_or_from_today() -> None:
    assert rules.first_due("weekly", None, TODAY) == date(2026, 11, 29)
    assert rules.first_due("weekly", date(2026, 12, 1), TODAY) == date(2026, 12, 8)
    assert rules.first_due("monthly", date(2020, 1, 1), TODAY) == date(2026, 12, 22)
    assert rules.first_due("on_request", None, TODAY) is None


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ((date(2026, 5, 2), date(2026, 5, 1), None), "ends_on"),
        ((date(1900, 5, 2), None, None), "starts_on"),
        ((None, date(2126, 5, 2), None), "ends_on"),
        ((None, None, date(2126, 5, 2)), "next_report_on"),
    ],
)
def test_days_that_cannot_be_meant_are_refused(days: tuple[date | None, ...], field: str) -> None:
    with pytest.raises(Wrong) as found:
        rules.require_days(*days, TODAY)  # type: ignore[arg-type]
    assert found.value.field == field
    rules.require_days(date(2026, 5, 1), date(2026, 5, 1), None, TODAY)


@pytest.mark.parametrize(
    ("from_on", "until_on", "field"),
    [
        (date(2026, 11, 23), date(2026, 11, 23), "until_on"),
        (date(2026, 11, 22), date(2026, 11, 21), "from_on"),
        (date(1926, 11, 22), date(2026, 11, 21), "from_on"),
    ],
)
def test_a_report_is_about_days_that_are_over_and_in_order(from_on: date, until_on: date, field: str) -> None:
    with pytest.raises(Wrong) as found:
        rules.require_period(from_on, until_on, TODAY)
    assert found.value.field == field
    rules.require_period(TODAY, TODAY, TODAY)


def test_a_report_tells_six_things_and_no_other() -> None:
    report = Report(date(2026, 11, 1), TODAY, 3, 1, participating=True, completed=False)
    assert rules.template(report, from_day="Nov 1, 2026", until_day="Nov 22, 2026") == {
        "From": "Nov 1, 2026",
        "Until": "Nov 22, 2026",
        "Appointments kept": "3",
        "Appointments missed": "1",
        "Takes part in care": "yes",
        "Completed": "no",
    }


def test_what_the_clinic_cancels_or_the_person_cancels_in_time_counts_neither_way() -> None:
    assert frozenset({"attended", "attended_late", "left_early"}) == rules.KEPT
    assert frozenset({"no_show", "late_cancel"}) == rules.MISSED


@pytest.mark.parametrize(
    ("value", "asks"),
    [
        (None, "Not asked yet"), (0, "why a 0 and not a 3?"), (5, "why a 5 and not an 8?"),
        (8, "why an 8 and not a 10?"), (9, "why a 9 and not a 10?"), (10, "for it to be a 9?"),
    ],
)  # fmt: skip
def test_the_question_after_the_number_names_one_further_away(value: int | None, asks: str) -> None:
    assert rules.asked_after(value).endswith(asks)
