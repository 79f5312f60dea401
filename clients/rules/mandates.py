"""
Care that somebody else asked for: kinds of mandate, how often they want to hear, and the one form in which they do.

A family's wish is no legal mandate: it has no consent, no report, and is met in conversation alone.

source   shared/domain/care.md 1.6, 5.2, 6.2; the questions for the conversation, and what is asked after the number
         from 0 to 10, are ours
"""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from clients.rules import names
from clients.rules.consent_terms import Category, Kind, Purpose
from clients.rules.consents import Document
from clients.rules.intake import Choices

FAMILY: Final = "family_pressure"
KINDS: Final[Choices] = (
    ("court", "Court"),
    ("probation", "Probation"),
    ("parole", "Parole"),
    ("diversion", "Diversion program"),
    ("child_welfare", "Child welfare"),
    ("employer", "Employer"),
    ("professional_board", "Professional board"),
    (FAMILY, "Family asks for it"),
)
LEGAL: Final[Choices] = tuple(one for one in KINDS if one[0] != FAMILY)
FREQUENCIES: Final[Choices] = (
    ("none", "No reports"),
    ("weekly", "Every week"),
    ("two_weeks", "Every two weeks"),
    ("monthly", "Every month"),
    ("on_request", "When they ask"),
)
NO_REPORTS: Final = "none"
DAYS: Final[Mapping[str, int]] = {"weekly": 7, "two_weeks": 14}
MONTHLY: Final = "monthly"
# A report is put on somebody's list this many days before it is due.
REMIND_DAYS: Final = 3
OLDEST_YEARS: Final = 50
NEWEST_YEARS: Final = 20
MAX_SESSIONS: Final = 500

# Who may hear under which kinds of consent. An employer or a board is no court: a consent that can be revoked at any
# time does as well.
_JUSTICE: Final = frozenset({Kind.CRIMINAL_JUSTICE})
_WORK: Final = frozenset({Kind.CRIMINAL_JUSTICE, Kind.SPECIFIC})
CONSENTS: Final[Mapping[str, frozenset[Kind]]] = {
    kind: _WORK if kind in ("employer", "professional_board") else _JUSTICE for kind, _label in LEGAL
}
# What a report asks to tell. Test results, notes and the list of appointments are no part of it.
TOLD: Final = frozenset({Category.IDENTITY, Category.ATTENDANCE})
TOLD_IN_WORDS: Final = "A report on a mandate: appointments kept and missed, taking part, completion."

# What counts for a report (source: attendance codes). What the clinic canceled or moved, and what the person canceled
# in good time, counts neither way.
KEPT: Final = frozenset({"attended", "attended_late", "left_early"})
MISSED: Final = frozenset({"no_show", "late_cancel"})

NOT_LEGAL: Final = (
    "A family's wish is no legal mandate. Nobody is owed a report, so it has no body, docket, consent or report."
)
STAYS: Final = "A family's wish and a legal mandate do not turn into each other. End this one and write down the other."
PROMPTS: Final = (
    "Ask what they make of it, before you say what anybody else wants.",
    "Ask which reasons of their own they would have if nobody had asked them to come.",
    "Say plainly what you have to tell whom, and what stays here.",
    "Let them choose what there is to choose: when, how, what to begin with.",
    "When they argue against it, reflect what matters to them. Leave the argument to the court.",
)
FAMILY_PROMPTS: Final = (
    "Ask what they make of the family's worry, before you say what you think of it.",
    "Ask which reasons of their own they would have if nobody at home had said a word.",
    "Ask what they would like their family to notice first if things went better.",
    "Keep their reasons and the family's apart: it is theirs that last.",
)


class Wrong(ValueError):
    """Something about a mandate cannot be as it was entered. `field` names it; the text says what to do."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def is_legal(kind: str) -> bool:
    """Tell whether somebody outside the family may be owed a report."""
    return kind != FAMILY


def require_days(starts_on: date | None, ends_on: date | None, next_report_on: date | None, today: date) -> None:
    """
    Refuse days that are out of order, or that cannot be meant.

    :raises Wrong: when they are refused
    """
    for field, day in (("starts_on", starts_on), ("ends_on", ends_on), ("next_report_on", next_report_on)):
        if day is not None and not today.year - OLDEST_YEARS <= day.year <= today.year + NEWEST_YEARS:
            raise Wrong(field, "This day is too far away to be meant. Check the year.")
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        raise Wrong("ends_on", "It ends before it begins. Check both days.")


def first_due(frequency: str, starts_on: date | None, today: date) -> date | None:
    """Return the day of the first report, where nobody said one: one period from the beginning, or from today."""
    begins = max(starts_on, today) if starts_on is not None else today
    return next_due(frequency, begins, begins)


def next_due(frequency: str, due: date | None, today: date) -> date | None:
    """
    Return the day of the report after this one, in the same rhythm and after today; None without a rhythm.

    due   when this report was due; None counts from today
    """
    if frequency not in DAYS and frequency != MONTHLY:
        return None
    start, step = due or today, 1
    while (found := _after(start, frequency, step)) <= today:
        step += 1
    return found


def _after(start: date, frequency: str, steps: int) -> date:
    if frequency in DAYS:
        return start + timedelta(days=DAYS[frequency] * steps)
    # The same day of a later month, counted from the first: the 31st stays the last day, and comes back.
    months = start.month - 1 + steps
    year, month = start.year + months // 12, months % 12 + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def why_not_under(kind: str, body: str, officer: str, document: Document) -> str:
    """
    Return why a consent cannot carry this mandate's reports, as a sentence; empty when it can.

    Whether it is in force is asked of `clients.rules.consents.state_at`.
    """
    if not is_legal(kind):
        return NOT_LEGAL
    if document.kind not in CONSENTS[kind]:
        if document.kind is Kind.SPECIFIC:
            return "A report to the justice system needs a consent of its own kind: criminal justice."
        return "This consent is not made for reports on a mandate. Choose another."
    named = (document.named_body,) if document.kind is Kind.CRIMINAL_JUSTICE else document.recipients
    asked = {names.key(body)} if document.kind is Kind.CRIMINAL_JUSTICE else {names.key(body), names.key(officer)}
    if not {names.key(name) for name in named} & (asked - {""}):
        told = ", ".join(named) or "nobody"
        return f"The consent names {told}, and the mandate names {body}. Correct whichever is wrong."
    if Purpose.MONITORING not in document.purposes:
        return "This consent is for another purpose. A report needs one for monitoring a mandate."
    if Category.ATTENDANCE not in document.categories:
        return "The consent does not permit telling attendance, and a report is about nothing else."
    return ""


def asked_after(value: int | None) -> str:
    """
    Return what to ask after the number for how far the person is from what the mandate wants.

    The question names a number further away, so that the answer tells what they do want themselves.
    """
    if value is None:
        return "Not asked yet"
    if value == 10:
        return "Ask: what would have to be different for it to be a 9?"
    further = min(value + 3, 10)
    return f"Ask: why {_article(value)} {value} and not {_article(further)} {further}?"


def _article(number: int) -> str:
    return "an" if number == 8 else "a"


@dataclass(frozen=True, slots=True)
class Report:
    """
    All that a report on a mandate tells.

    from_on, until_on   civil days of the clinic, both included
    kept, missed        appointments
    """

    from_on: date
    until_on: date
    kept: int
    missed: int
    participating: bool
    completed: bool


def require_period(from_on: date, until_on: date, today: date) -> None:
    """
    Refuse a period that ends before it begins or after today, or that cannot be meant.

    :raises Wrong: when it is refused
    """
    if until_on > today:
        raise Wrong("until_on", "A report is about days that are over. Choose today or earlier.")
    if from_on > until_on:
        raise Wrong("from_on", "It begins after it ends. Check both days.")
    if from_on.year < today.year - OLDEST_YEARS:
        raise Wrong("from_on", "This day is too far away to be meant. Check the year.")


def template(report: Report, *, from_day: str, until_day: str) -> dict[str, str]:
    """
    Return a report as it is told: these lines and no other.

    from_day, until_day   the days as the clinic writes them
    """
    return {
        "From": from_day,
        "Until": until_day,
        "Appointments kept": str(report.kept),
        "Appointments missed": str(report.missed),
        "Takes part in care": "yes" if report.participating else "no",
        "Completed": "yes" if report.completed else "no",
    }
