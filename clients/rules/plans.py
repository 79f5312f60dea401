"""
A treatment plan: how a version moves, what a step must say, when a goal may be firm, MI in blocks, minutes, reviews.

source   shared/domain/care.md 3.2 (phase gate, MI block) and 4.1; numbers marked DESIGN there are the product's own
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from clients.rules import motivation, plan_words
from clients.rules.plan_content import Kind, Part

# --- moves ----------------------------------------------------------------------------------------------------------

MOVES: Final = frozenset(
    {
        ("draft", "in_review"), ("draft", "closed"), ("in_review", "draft"), ("in_review", "active"),
        ("active", "superseded"), ("active", "closed"),
    }
)  # fmt: skip
OPEN: Final = ("draft", "in_review")
SIGNED: Final = ("in_review", "active", "superseded")
STATE_LABELS: Final = dict(plan_words.STATES)


class Wrong(ValueError):
    """Something cannot be kept as it is. `field` names where, empty for the whole; the text says what to do."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class NoSuchMove(ValueError):
    """A version of a plan does not go from here to there."""

    field = ""

    def __init__(self, here: str, there: str) -> None:
        super().__init__(
            f"This version is “{STATE_LABELS[here]}”. It cannot become “{STATE_LABELS[there]}” from there."
        )


def require_move(here: str, there: str) -> None:
    """
    Refuse a move that there is not.

    :raises NoSuchMove: there is not
    """
    if (here, there) not in MOVES:
        raise NoSuchMove(here, there)


def missing_signatures(signed: Iterable[str], *, needs_cosign: bool) -> tuple[str, ...]:
    """
    Return the capacities whose signature is still missing, in the order in which they sign.

    signed   capacities that have signed what the version says now; a person who said “not now” is among them, for a
             refusal is written down and does not hold up care
    """
    there = set(signed)
    missing = []
    if "author" not in there:
        missing.append("author")
    if not there & {"client", "guardian"}:
        missing.append("client")
    if needs_cosign and "supervisor" not in there:
        missing.append("supervisor")
    return tuple(missing)


# --- what a part must say -------------------------------------------------------------------------------------------

MOST_PARTS: Final = 300


@dataclass(frozen=True, slots=True)
class Smart:
    """
    One of the five letters of an objective.

    met   whether it is so
    ask   what to do about it where it is not
    """

    letter: str
    label: str
    met: bool
    ask: str


def smart(part: Part) -> tuple[Smart, ...]:
    """Return the five letters of an objective, each with whether it is met."""
    words = len(part.said("text").split())
    measured = bool(part.said("metric") and part.said("target_value") and part.said("unit"))
    return (
        Smart("S", "Specific", words >= 3, "Say what they will do, so that somebody else could see it."),
        Smart("M", "Measurable", measured, "Say what is counted, in which unit, and up to how much."),
        Smart("A", "Achievable", bool(part.said("achievable")), "Ask whether they can do it from where they are."),
        Smart("R", "Relevant", bool(part.said("relevance")), "Say why it matters for the goal."),
        Smart("T", "Time-bound", bool(part.said("by_on")), "Agree on a day."),
    )


def require_objective(*, metric: str, target_value: Decimal | None, unit: str, by_on: date | None) -> None:
    """
    Refuse a step that nobody could check: what is counted, up to how much, by when.

    :raises Wrong: one of them is missing
    """
    if not metric.strip():
        raise Wrong("metric", "Say what is counted, such as days without drinking.")
    if target_value is None:
        raise Wrong("target_value", "Enter the number to reach.")
    if not unit.strip():
        raise Wrong("unit", "Enter the unit, such as days a week.")
    if by_on is None:
        raise Wrong("by_on", "Enter the day by which.")


def gaps(parts: Sequence[Part]) -> list[str]:
    """
    Return what keeps a version from being signed, as sentences: a thread that is not whole.

    A plan has a goal, and every step has something that the clinic does for it.
    """
    if not any(part.kind is Kind.GOAL for part in parts):
        return ["Write at least one goal. A plan begins with what they want to change."]
    carried = {part.under for part in parts if part.kind is Kind.INTERVENTION}
    return [
        f"Nothing is planned yet for “{part.said('text')}”. Add what the clinic does for it, or remove the step."
        for part in parts
        if part.kind is Kind.OBJECTIVE and part.lineage not in carried
    ]


def gate(
    *, phase: str, readiness: int | None, importance: int | None, commitment: str, reason: str
) -> tuple[bool, str]:
    """
    Tell whether a goal may stand in its phase, and why.

    Making it firm asks for readiness and importance of 7 and their commitment in their words; or for a clinician's
    reason for going on without.
    """
    if phase != "consolidate_commitment":
        return True, ""
    allowed, why = motivation.may_commit(readiness, importance, bool(commitment.strip()))
    if allowed:
        return True, why
    if reason.strip():
        return True, f"{why} Written down why all the same."
    return False, f"{why} Keep exploring reasons, or write why to go on all the same."


# --- MI in blocks ---------------------------------------------------------------------------------------------------

BLOCK_DEFAULT: Final = 4
BLOCK_LEAST: Final = 1
BLOCK_MOST: Final = 6
BLOCK_CHOICES: Final = (
    ("extend", "Some more sessions, once"),
    ("move_on", "Go on with other work"),
    ("refer", "Refer to other care"),
)


@dataclass(frozen=True, slots=True)
class Block:
    """
    How far a block of MI sessions has come.

    planned   sessions as the plan says
    extra     sessions that were added at its end
    left      sessions still to come, never under 0
    choices   what to choose from when it is over; empty before, and when it was chosen. It is extended once.
    """

    planned: int
    held: int
    left: int
    choices: tuple[tuple[str, str], ...]
    extra: int = 0

    @property
    def is_over(self) -> bool:
        """Tell whether it is time to look back and choose."""
        return self.left == 0

    @property
    def asks(self) -> bool:
        """Tell whether it is over and nobody has chosen what comes next."""
        return bool(self.choices)

    @property
    def counted(self) -> str:
        """Return the sessions held of those planned, as '3 of 4'; with those that were added, '5 of 4+2'."""
        return f"{self.held} of {self.planned}+{self.extra}" if self.extra else f"{self.held} of {self.planned}"


def block(planned: int | None, held: int, *, extra: int = 0, extended: bool = False, decided: bool = False) -> Block:
    """
    Return how far a block of MI sessions has come.

    planned    1 to 6; None: as usual, 4
    held       sessions since the block began
    extra      sessions by which it was extended, 0 to 6
    extended   it was extended in another way before
    decided    it was chosen to go on with other work, or to refer
    :raises ValueError: out of range
    """
    size = BLOCK_DEFAULT if planned is None else planned
    if not BLOCK_LEAST <= size <= BLOCK_MOST or held < 0 or not 0 <= extra <= BLOCK_MOST:
        raise ValueError(f"A block has {BLOCK_LEAST} to {BLOCK_MOST} sessions.")
    left = max(0, size + extra - held)
    open_choices = BLOCK_CHOICES[1:] if extended or extra else BLOCK_CHOICES
    return Block(size, held, left, () if left or decided else open_choices, extra)


def require_block_choice(block: Block, *, choice: str, sessions: int | None) -> None:
    """
    Refuse a choice at the end of a block that cannot be made.

    sessions   how many more, 1 to 6; None where none are added
    :raises Wrong: it is no choice, or its sessions are missing or too many
    """
    if choice not in dict(BLOCK_CHOICES):
        raise Wrong("decision", "Choose what comes next.")
    if choice == "extend" and (sessions is None or not BLOCK_LEAST <= sessions <= BLOCK_MOST):
        raise Wrong("sessions", f"Enter how many more sessions: {BLOCK_LEAST} to {BLOCK_MOST}.")
    if choice != "extend" and sessions is not None:
        raise Wrong("sessions", "Sessions are added only where you choose some more. Leave this empty.")
    if block.choices and choice not in dict(block.choices):
        raise Wrong("decision", "This block was extended before, and that is done once. Choose something else.")


# --- planned minutes ------------------------------------------------------------------------------------------------

# A month as weeks go: 365 days and a quarter, in twelve parts.
MONTH_DAYS: Final = Fraction(1461, 48)


def planned_minutes(*, times: int, per: str, minutes: int, starts_on: date, ends_on: date | None, on: date) -> Fraction:
    """
    Return the minutes planned from an intervention's start up to and with a day, or its end where that is earlier.

    per   "week" or "month"
    """
    last = min(on, ends_on) if ends_on is not None else on
    days = (last - starts_on).days + 1
    if days <= 0:
        return Fraction(0)
    return Fraction(times * minutes * days) / (7 if per == "week" else MONTH_DAYS)


# --- reviews --------------------------------------------------------------------------------------------------------

FIRST_PLAN_DAYS: Final = 14
FIRST_REVIEW_DAYS: Final = 30
REVIEW_DAYS: Final = 90
TOLD_DAYS: Final = (-7, 0, 7)
MOST_REVIEW_DAYS: Final = 366


def plan_due(admitted_on: date) -> date:
    """Return the day by which the first plan of a stay is in force."""
    return admitted_on + timedelta(days=FIRST_PLAN_DAYS)


def first_review(starts_on: date) -> date:
    """Return the day of the first look back at a plan."""
    return starts_on + timedelta(days=FIRST_REVIEW_DAYS)


def next_review(held_on: date) -> date:
    """Return the day of the next look back after one that was held."""
    return held_on + timedelta(days=REVIEW_DAYS)


def told_on(due_on: date, today: date) -> date | None:
    """
    Return the last day, today or before, on which to tell that something is due: 7 days ahead, on the day, 7 days late.

    None while it is further ahead.
    """
    days = [due_on + timedelta(days=days) for days in TOLD_DAYS]
    return max((day for day in days if day <= today), default=None)


def require_progress(*, progress: int, status: str, comment: str) -> None:
    """
    Refuse what a look back cannot say of a goal.

    An achieved goal needs what shows it: a measure or a statement, in words.
    :raises Wrong: it cannot
    """
    if not 0 <= progress <= 100:
        raise Wrong("progress", "Enter a number from 0 to 100.")
    if status not in dict(plan_words.GOAL_STATUSES):
        raise Wrong("status", "Choose how the goal stands.")
    if status == "achieved" and not comment.strip():
        raise Wrong("comment", "Write what shows that it is achieved: a measure, or what they say.")
