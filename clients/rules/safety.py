"""
What must happen when an answer at intake says that somebody may not be safe.

Every rule runs on whatever is answered so far: a half-filled form is judged by what it says. Nothing here can be
switched off, and nothing keeps a form from being saved: S2 and S3 hold the inquiry, and the status move waits.

source   shared/domain/care.md 2.5, made exact in shared/design/decisions.md 5.8. Ours: a "yes" to the safety question
         is S3, as "in danger now"; a person who prefers not to say has been asked, and is asked again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, Literal


class Level(StrEnum):
    """How soon a finding needs somebody: S1 is looked at, S2 needs a clinician today, S3 now."""

    S1 = "S1"
    S2 = "S2"
    S3 = "S3"


class Answer(StrEnum):
    """What came of the safety question."""

    NO = "no"
    YES = "yes"
    PREFERRED_NOT_TO_SAY = "preferred_not_to_say"
    NOT_ASKED = "not_asked"


class Behaviour(StrEnum):
    """The answer to the last item of the C-SSRS screener: has there been suicidal behaviour, and when."""

    NEVER = "never"
    BEFORE = "before_three_months"
    RECENT = "within_three_months"


Due = timedelta | Literal["same_day"] | None
NOW: Final = timedelta(0)
TRIAGE_WITHIN: Final = timedelta(hours=1)
OVERDOSE_DAYS: Final = 30
PHQ9_HIGH_TOTAL: Final = 20
HOLDS: Final = frozenset({Level.S2, Level.S3})
# After these a structured suicide assessment is offered, by the key of its measure.
OFFER_SCREEN: Final = frozenset({"phq9_item9", "phq9_item9_high"})
SCREEN: Final = "cssrs"
# Where an overdose may come, naloxone is offered, and what came of the offer is written into the review.
OFFER_NALOXONE: Final = frozenset({"overdose_recent", "withdrawal_risk", "bam_use_rise"})
NALOXONE: Final = (
    ("taken", "Offered, and they took it"),
    ("declined", "Offered, and they said no"),
    ("has_it", "They have it already"),
    ("not_offered", "Not offered"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing that safety asks for.

    code      names the rule
    sentence  what to do, for the screen
    due       the task's time from now, "same_day" by the clinic's calendar, or None: shown, no task
    """

    level: Level
    code: str
    sentence: str
    due: Due

    @property
    def hold(self) -> bool:
        """Tell whether the inquiry is held until a clinician has reviewed this."""
        return self.level in HOLDS


@dataclass(frozen=True, slots=True)
class Cssrs:
    """
    Answers to the C-SSRS screener: ideation items 1 to 5 and behaviour; None is not asked.

    Items 3 to 5 are skipped when item 2 is "no"; behaviour is always asked.
    """

    item1: bool | None = None
    item2: bool | None = None
    item3: bool | None = None
    item4: bool | None = None
    item5: bool | None = None
    behaviour: Behaviour | None = None

    @property
    def gaps(self) -> tuple[str, ...]:
        """Return the names of the questions that still have to be asked."""
        asked = ["item1", "item2"] if self.item2 is False else ["item1", "item2", "item3", "item4", "item5"]
        return tuple(name for name in [*asked, "behaviour"] if getattr(self, name) is None)


@dataclass(frozen=True, slots=True)
class Answers:
    """
    What intake knows about safety so far; the defaults are a form nobody has touched.

    overdose_days_ago  days since the last overdose, None when none is known
    phq9_item9         0 to 3, None when not answered
    phq9_total         0 to 27, None while the form is incomplete
    cssrs_level        a level entered as a result, by who holds the licence for the items
    """

    question: Answer = Answer.NOT_ASKED
    in_danger_now: bool = False
    overdose_days_ago: int | None = None
    withdrawal_risk: bool = False
    phq9_item9: int | None = None
    phq9_total: int | None = None
    cssrs: Cssrs | None = None
    cssrs_level: Level | None = None


class ReviewRefused(ValueError):
    """A safety review is not complete. The text says what is missing."""


def is_answered(question: Answer) -> bool:
    """Tell whether the safety question was put to the person; only this lets a screening be finished."""
    return question is not Answer.NOT_ASKED


def of_question(question: Answer) -> Finding | None:
    """Return what the answer to the safety question asks for."""
    match question:
        case Answer.YES:
            return Finding(Level.S3, "safety_yes", "Stay on the line and get a clinician now.", NOW)
        case Answer.PREFERRED_NOT_TO_SAY:
            return Finding(
                Level.S1, "safety_not_said", "They preferred not to say. Offer a clinician and ask again.", None
            )
        case Answer.NOT_ASKED:
            return Finding(
                Level.S1, "safety_not_asked", "Ask the safety question. Screening is not done without it.", None
            )
        case Answer.NO:
            return None


def cssrs_level(screen: Cssrs) -> Level | None:
    """
    Return the level of what is answered so far, the highest that any answer gives; None when every answer is no.

    Items 1-2 only: S1. Item 3, or behaviour before the last three months: S2. Items 4-5, or behaviour since: S3.
    """
    if screen.item4 or screen.item5 or screen.behaviour is Behaviour.RECENT:
        return Level.S3
    if screen.item3 or screen.behaviour is Behaviour.BEFORE:
        return Level.S2
    return Level.S1 if screen.item1 or screen.item2 else None


def of_cssrs(level: Level | None) -> Finding | None:
    """Return what a C-SSRS result of this level asks for."""
    match level:
        case Level.S3:
            sentence = "High risk. Do not leave them alone, and get a clinician now."
            return Finding(Level.S3, "cssrs_high", sentence, NOW)
        case Level.S2:
            return Finding(Level.S2, "cssrs_moderate", "Moderate risk. A clinician speaks with them today.", "same_day")
        case Level.S1:
            return Finding(Level.S1, "cssrs_low", "Low risk. Record the further evaluation.", "same_day")
        case None:
            return None


def of_phq9(item9: int | None, total: int | None = None) -> Finding | None:
    """
    Return what PHQ-9 item 9 asks for: nothing at 0, whatever the total.

    item9  0 to 3
    total  0 to 27; from 20 on, or with item 9 at 3, it is S3
    :raises ValueError: out of range
    """
    if item9 not in (None, 0, 1, 2, 3) or (total is not None and not 0 <= total <= 27):
        raise ValueError("PHQ-9 items go from 0 to 3, the total from 0 to 27.")
    if not item9:
        return None
    if item9 == 3 or (total is not None and total >= PHQ9_HIGH_TOTAL):
        sentence = "Thoughts of death or self-harm with a high score. Get a clinician now."
        return Finding(Level.S3, "phq9_item9_high", sentence, NOW)
    return Finding(
        Level.S2, "phq9_item9", "Thoughts of death or self-harm. A clinician reviews the risk today.", "same_day"
    )


def of_trigger(code: str) -> Finding:
    """
    Return what a trigger in a measure's definition asks for.

    code   as the definition names it; one that is not known here asks for a clinician today
    """
    known = (
        of_phq9(1),
        of_phq9(3),
        *(of_cssrs(level) for level in Level),
        Finding(
            Level.S2,
            "bam_use_rise",
            "Use has gone up since the time before. Medical triage within the hour; offer naloxone and record it.",
            TRIAGE_WITHIN,
        ),
    )
    other = Finding(Level.S2, "measure_answer", "An answer to a measure needs a clinician today.", "same_day")
    return next((one for one in known if one is not None and one.code == code), other)


def of_triggers(fired: Iterable[tuple[str, str]]) -> tuple[Finding, ...]:
    """
    Return what the triggers of a measure ask for, the most urgent first; of several about the same, the most urgent.

    fired   (what it is about, code of the rule)
    """
    found: dict[str, Finding] = {}
    for about, code in fired:
        finding = of_trigger(code)
        if about not in found or finding.level > found[about].level:
            found[about] = finding
    return tuple(sorted(found.values(), key=lambda one: one.level, reverse=True))


def of_overdose(days_ago: int | None) -> Finding | None:
    """Return what an overdose less than 30 days ago asks for."""
    if days_ago is None or days_ago >= OVERDOSE_DAYS:
        return None
    sentence = "Overdose in the last 30 days. Medical triage within the hour; offer naloxone and record it."
    return Finding(Level.S2, "overdose_recent", sentence, TRIAGE_WITHIN)


def findings(answers: Answers) -> tuple[Finding, ...]:
    """Return everything that safety asks for, the most urgent first, in a settled order."""
    danger = Finding(Level.S3, "in_danger_now", "In danger now. Call emergency services; stay on the line.", NOW)
    withdrawal = Finding(
        Level.S2,
        "withdrawal_risk",
        "Withdrawal may be dangerous. Medical triage within the hour; offer naloxone and record it.",
        TRIAGE_WITHIN,
    )
    levels = [answers.cssrs_level, None if answers.cssrs is None else cssrs_level(answers.cssrs)]
    found = [
        danger if answers.in_danger_now else None,
        of_question(answers.question),
        of_cssrs(max((level for level in levels if level is not None), default=None)),
        of_phq9(answers.phq9_item9, answers.phq9_total),
        of_overdose(answers.overdose_days_ago),
        withdrawal if answers.withdrawal_risk else None,
    ]
    # "S1" < "S2" < "S3" as text; the sort keeps the order of equals.
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.level, reverse=True))


def needs_hold(found: Iterable[Finding]) -> bool:
    """Tell whether any finding holds the inquiry."""
    return any(one.hold for one in found)


def worst(found: Iterable[Finding]) -> Level | None:
    """Return the highest level found, or None."""
    return max((one.level for one in found), default=None)


def require_review(*, by_clinician: bool, rationale: str, next_check_on: date | None, today: date) -> None:
    """
    Refuse to resolve an S2 or S3 without a clinician, a rationale, or a day on which it is looked at again.

    :raises ReviewRefused: when it is refused
    """
    if not by_clinician:
        raise ReviewRefused("A clinician reviews this. Hand it over to one.")
    if not rationale.strip():
        raise ReviewRefused("Write what was found and why the hold can end.")
    if next_check_on is None or next_check_on < today:
        raise ReviewRefused("Choose the day on which this is looked at again, today or later.")
