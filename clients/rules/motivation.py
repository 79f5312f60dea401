"""
How much evoking and how much skills work suits where a person stands, and when motivation carries a commitment.

Everything here is a suggestion to a clinician, who may do otherwise and says why. The rules are asked in order, and
the first that fits answers; whoever reads the answer is told which one it was and on which numbers it stands.

source   shared/domain/care.md 2.3 and 3.2, made exact in shared/design/decisions.md 5.8. The thresholds, the bands and
         the hint of swinging readiness are product defaults without validation, and the screen says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import sqrt
from typing import Final

from clients.rules import stages

LOWEST: Final = 0
HIGHEST: Final = 10
LOW_IMPORTANCE: Final = 3
NOT_READY: Final = 6
NOT_CONFIDENT: Final = 6
STRONG_DISCORD: Final = 5
LAPSE_DAYS: Final = 14
COMMIT_FROM: Final = 7
SWING_OF: Final = 5
SWING_NEEDS: Final = 3
SWING_FROM: Final = 2

STAGE_KEYS: Final = frozenset(key for key, _words in stages.STAGES)


class Ruler(StrEnum):
    """What is asked from 0 to 10, in the order in which it is asked."""

    IMPORTANCE = "importance"
    CONFIDENCE = "confidence"
    READINESS = "readiness"


class Intensity(StrEnum):
    """What the rule answers, strongest evocation first."""

    HIGH_ENGAGE = "high_engage"
    HIGH_EVOKE = "high_evoke"
    MEDIUM_REPAIR = "medium_repair"
    MEDIUM_CONFIDENCE = "medium_confidence"
    LOW_PLAN = "low_plan"
    SUPPORT = "support"
    UNKNOWN = "unknown"


class Band(StrEnum):
    """Where an answer on a ruler lies, for display only."""

    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Advice:
    """
    What suits one intensity.

    mi_pct   how much of the time evoking may take, in percent, the rest is skills work; None where nothing is known
    do       what to do
    do_not   what to leave for later; empty where nothing is
    """

    mi_pct: int | None
    do: str
    do_not: str

    @property
    def skills_pct(self) -> int | None:
        """Return the percentage that is left for skills work."""
        return None if self.mi_pct is None else 100 - self.mi_pct


ADVICE: Final = {
    Intensity.HIGH_ENGAGE: Advice(
        80,
        "Engage first. Listen for their own reasons. Name any pressure on them, and that the choice is theirs. Give "
        "information with permission only.",
        "Leave the action plan for later.",
    ),
    Intensity.HIGH_EVOKE: Advice(
        70,
        "Evoke. Explore the gap between what matters to them and how things are.",
        "Leave out weighing the pros and cons evenly.",
    ),
    Intensity.MEDIUM_REPAIR: Advice(
        50,
        "Say that a return to use is a common part of change. Ask the rulers again. Update the plan for return to use.",
        "",
    ),
    Intensity.MEDIUM_CONFIDENCE: Advice(
        50, "Look for strengths and past successes. Agree on one small step. Rehearse a skill.", ""
    ),
    Intensity.LOW_PLAN: Advice(30, "Make the change plan. Ask for commitment.", "Stop evoking reasons."),
    Intensity.SUPPORT: Advice(10, "Work on skills. Return to evoking only after a setback.", ""),
    Intensity.UNKNOWN: Advice(None, "Ask the rulers, and rate the stage of change.", ""),
}


@dataclass(frozen=True, slots=True)
class Suggested:
    """
    What the rule suggests, and why.

    row     1 to 8: the first rule that fits; 0: none does
    reason  the numbers it stands on, in a sentence
    """

    intensity: Intensity
    row: int
    reason: str

    @property
    def advice(self) -> Advice:
        """Return the mix, and what to do and not to do."""
        return ADVICE[self.intensity]


def mi_intensity(
    stage: str | None,
    readiness: int | None,
    importance: int | None,
    confidence: int | None,
    *,
    mandated: bool = False,
    discord: int | None = None,
    lapse_days: int | None = None,
) -> Suggested:
    """
    Return how much evoking suits a person and one change.

    stage        a key of `stages.STAGES`; None: not rated
    readiness, importance, confidence
                 0 to 10; None: not asked
    mandated     somebody else requires the treatment
    discord      0 to 10, how strained the talk was; None: not noted
    lapse_days   whole days since the last return to use; None: none known
    :raises ValueError: an argument is out of its range
    """
    _require(stage, (readiness, importance, confidence, discord), lapse_days)
    if readiness is None or importance is None or confidence is None:
        answers = {Ruler.IMPORTANCE: importance, Ruler.CONFIDENCE: confidence, Ruler.READINESS: readiness}
        missing = [ruler.value for ruler, value in answers.items() if value is None]
        return Suggested(Intensity.UNKNOWN, 1, f"Not asked yet: {', '.join(missing)}.")
    if stage == "pre" or importance <= LOW_IMPORTANCE:
        why = f"Importance is {importance}, which is {LOW_IMPORTANCE} or less."
        return Suggested(Intensity.HIGH_ENGAGE, 2, why if importance <= LOW_IMPORTANCE else _staged(stage))
    if discord is not None and discord >= STRONG_DISCORD:
        return Suggested(Intensity.HIGH_ENGAGE, 3, f"Discord is {discord}, which is {STRONG_DISCORD} or more.")
    if mandated and readiness <= NOT_READY:
        why = f"The treatment is required by somebody else, and readiness is {readiness}, which is {NOT_READY} or less."
        return Suggested(Intensity.HIGH_ENGAGE, 3, why)
    if stage == "con" or readiness <= NOT_READY:
        why = f"Readiness is {readiness}, which is {NOT_READY} or less."
        return Suggested(Intensity.HIGH_EVOKE, 4, why if readiness <= NOT_READY else _staged(stage))
    if lapse_days is not None and lapse_days <= LAPSE_DAYS:
        return Suggested(Intensity.MEDIUM_REPAIR, 5, _lapsed(lapse_days))
    if stage == "rec":
        return Suggested(Intensity.MEDIUM_REPAIR, 5, _staged(stage))
    if confidence <= NOT_CONFIDENT:
        why = f"Confidence is {confidence}, which is {NOT_CONFIDENT} or less."
        return Suggested(Intensity.MEDIUM_CONFIDENCE, 6, why)
    if stage == "prep":
        return Suggested(Intensity.LOW_PLAN, 7, f"{_staged(stage)} No ruler is low.")
    if stage in ("act", "maint"):
        return Suggested(Intensity.SUPPORT, 8, f"{_staged(stage)} No ruler is low.")
    return Suggested(Intensity.UNKNOWN, 0, "No ruler is low, and the stage of change is not rated.")


def _require(stage: str | None, answers: Sequence[int | None], lapse_days: int | None) -> None:
    if stage is not None and stage not in STAGE_KEYS:
        raise ValueError(f"{stage} is no stage of change.")
    for answer in answers:
        if answer is not None and not LOWEST <= answer <= HIGHEST:
            raise ValueError(f"A ruler goes from {LOWEST} to {HIGHEST}, not to {answer}.")
    if lapse_days is not None and lapse_days < 0:
        raise ValueError("A return to use does not lie ahead.")


def _staged(stage: str | None) -> str:
    return f"The stage is rated “{dict(stages.STAGES)[stage]}”." if stage else ""


def _lapsed(days: int) -> str:
    if days == 0:
        return "They returned to use today."
    return f"They returned to use {days} {'day' if days == 1 else 'days'} ago, within {LAPSE_DAYS} days."


def may_commit(readiness: int | None, importance: int | None, has_commitment: bool) -> tuple[bool, str]:
    """
    Return whether a goal may move on to consolidating commitment, and the sentence that says why or why not.

    readiness, importance   the latest answers, 0 to 10; None: not asked
    has_commitment          the person has said that they will, and it is quoted
    :raises ValueError: an answer is out of its range
    """
    _require(None, (readiness, importance), None)
    lacking = []
    for name, value in (("readiness", readiness), ("importance", importance)):
        if value is None:
            lacking.append(f"{name} is not asked yet")
        elif value < COMMIT_FROM:
            lacking.append(f"{name} is {value}, under {COMMIT_FROM}")
    if not has_commitment:
        lacking.append("no commitment of theirs is quoted")
    if not lacking:
        return True, f"Readiness is {readiness}, importance is {importance}, and their commitment is quoted."
    sentence = "; ".join(lacking)
    return False, f"{sentence[0].upper()}{sentence[1:]}."


@dataclass(frozen=True, slots=True)
class Swing:
    """
    How much readiness has swung lately.

    count      how many answers it stands on, at most 5
    deviation  sample standard deviation, in points; None under 3 answers
    wide       whether it is worth a word: mixed feelings swing
    """

    count: int
    deviation: float | None
    wide: bool


def swing(readiness: Sequence[int]) -> Swing:
    """
    Return how much the last answers for readiness differ.

    readiness   answers 0 to 10, oldest first; only the last 5 count
    :raises ValueError: an answer is out of its range
    """
    _require(None, readiness, None)
    last = readiness[-SWING_OF:]
    if len(last) < SWING_NEEDS:
        return Swing(len(last), None, False)
    mean = Fraction(sum(last), len(last))
    # Compared squared, which is exact.
    variance = sum(((value - mean) ** 2 for value in last), start=Fraction(0)) / (len(last) - 1)
    return Swing(len(last), sqrt(variance), variance >= SWING_FROM**2)


def band(value: int) -> Band:
    """
    Return where an answer on a ruler lies: 0 to 3, 4 to 6, 7 to 10.

    :raises ValueError: it is out of its range
    """
    _require(None, (value,), None)
    if value <= 3:
        return Band.LOW
    return Band.MIDDLE if value <= 6 else Band.HIGH
