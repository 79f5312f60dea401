"""
The statuses of an inquiry and every move between them: one table, its guards, and the words for both.

A guard written in one cell holds from every origin; three are about the origin itself (a reason for contact lost, a
reason to reopen, a slot offered from the waiting list) and hold there. Nothing here knows a database: whoever calls
brings the facts.

source   shared/domain/care.md 1.3, made exact in shared/design/decisions.md 5.8
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """Where an inquiry stands."""

    NEW = "new"
    CONTACTING = "contacting"
    CONTACTED = "contacted"
    SCREENING = "screening"
    SCREENED = "screened"
    ASSESSMENT_SCHEDULED = "assessment_scheduled"
    ASSESSMENT_NO_SHOW = "assessment_no_show"
    ASSESSED = "assessed"
    ACCEPTED = "accepted"
    WAITLISTED = "waitlisted"
    ADMITTED = "admitted"
    NURTURE = "nurture"
    UNREACHABLE = "unreachable"
    CLOSED_DECLINED = "closed_declined"
    REFERRED_OUT = "referred_out"
    NOT_ELIGIBLE = "not_eligible"
    DUPLICATE = "duplicate"
    SPAM = "spam"


S = Status
TERMINAL: Final = frozenset({S.ADMITTED, S.DUPLICATE, S.SPAM})
REOPENABLE: Final = frozenset({S.NURTURE, S.UNREACHABLE, S.CLOSED_DECLINED, S.REFERRED_OUT, S.NOT_ELIGIBLE})
# Where an inquiry is still being worked on: what the queue lists.
ACTIVE: Final = frozenset(Status) - TERMINAL - REOPENABLE

ORDINARY: Final[Mapping[Status, frozenset[Status]]] = {
    S.NEW: frozenset({S.CONTACTING, S.SCREENING, S.DUPLICATE, S.SPAM}),
    S.CONTACTING: frozenset({S.CONTACTED, S.UNREACHABLE, S.DUPLICATE, S.SPAM, S.CLOSED_DECLINED}),
    S.CONTACTED: frozenset({S.SCREENING, S.NURTURE, S.REFERRED_OUT, S.CLOSED_DECLINED, S.DUPLICATE}),
    S.SCREENING: frozenset({S.SCREENED, S.CONTACTING, S.CLOSED_DECLINED, S.REFERRED_OUT}),
    S.SCREENED: frozenset({S.ASSESSMENT_SCHEDULED, S.REFERRED_OUT, S.NOT_ELIGIBLE, S.NURTURE, S.CLOSED_DECLINED}),
    S.ASSESSMENT_SCHEDULED: frozenset({S.ASSESSED, S.ASSESSMENT_NO_SHOW, S.CLOSED_DECLINED}),
    S.ASSESSMENT_NO_SHOW: frozenset({S.ASSESSMENT_SCHEDULED, S.CONTACTING, S.UNREACHABLE}),
    S.ASSESSED: frozenset({S.ACCEPTED, S.REFERRED_OUT, S.NOT_ELIGIBLE, S.CLOSED_DECLINED}),
    S.ACCEPTED: frozenset({S.ADMITTED, S.WAITLISTED, S.CLOSED_DECLINED, S.REFERRED_OUT}),
    S.WAITLISTED: frozenset({S.ACCEPTED, S.REFERRED_OUT, S.CLOSED_DECLINED, S.UNREACHABLE}),
    **{status: frozenset({S.CONTACTING}) for status in REOPENABLE},
    **{status: frozenset() for status in TERMINAL},
}
# Moves that exist only while a crisis hold is set, with the reason `emergency`.
EMERGENCY_ONLY: Final = frozenset(
    (origin, S.REFERRED_OUT)
    for origin, targets in ORDINARY.items()
    if origin not in TERMINAL | {S.REFERRED_OUT} and S.REFERRED_OUT not in targets
)
# The one table: every pair a database may ever see.
EDGES: Final[Mapping[Status, frozenset[Status]]] = {
    origin: targets | {to for start, to in EMERGENCY_ONLY if start is origin} for origin, targets in ORDINARY.items()
}

LABELS: Final[Mapping[Status, str]] = {
    S.NEW: "New",
    S.CONTACTING: "Trying to reach",
    S.CONTACTED: "Reached",
    S.SCREENING: "Screening begun",
    S.SCREENED: "Screening done",
    S.ASSESSMENT_SCHEDULED: "Waiting for assessment",
    S.ASSESSMENT_NO_SHOW: "Did not attend assessment",
    S.ASSESSED: "Waiting for a decision",
    S.ACCEPTED: "Accepted",
    S.WAITLISTED: "On the waiting list",
    S.ADMITTED: "Admitted",
    S.NURTURE: "Staying in touch",
    S.UNREACHABLE: "Not reached so far",
    S.CLOSED_DECLINED: "Closed",
    S.REFERRED_OUT: "Referred elsewhere",
    S.NOT_ELIGIBLE: "Needs another service",
    S.DUPLICATE: "Same as another inquiry",
    S.SPAM: "Not a request for care",
}

EMERGENCY: Final = "emergency"
CLOSED_REASONS: Final[Mapping[str, str]] = {
    "cost": "Cost",
    "insurance_not_accepted": "Insurance is not accepted here",
    "no_capacity": "No place free here",
    "distance": "Too far away",
    "chose_other": "Chose another service",
    "not_ready": "Is not ready",
    "legal_barrier": "Legal barrier",
    "medical_need_higher": "Needs more medical care",
    "mh_need_higher": "Needs more mental health care",
    "age": "Age",
    "no_reason": "Gave no reason",
    "died": "Died",
    "incarcerated": "Is in jail or prison",
    EMERGENCY: "Emergency",
}
# Nobody can say no for these; every other way to close needs the person's own no.
WITHOUT_A_NO: Final = ("died", "incarcerated")
DECLINED_REASONS: Final = tuple(code for code in CLOSED_REASONS if code != EMERGENCY)
REFERRED_REASONS: Final = tuple(code for code in CLOSED_REASONS if code != "died")
NOT_ELIGIBLE_REASONS: Final = (
    "insurance_not_accepted",
    "no_capacity",
    "distance",
    "legal_barrier",
    "medical_need_higher",
    "mh_need_higher",
    "age",
)
CONTACT_LOST_REASONS: Final[Mapping[str, str]] = {
    "call_dropped": "The call was cut off",
    "asked_to_stop": "Asked to continue another time",
    "not_safe_to_talk": "Could not talk safely",
    "does_not_answer": "Does not answer any more",
    "did_not_attend": "Did not attend",
    "other": "Another reason",
}
REOPEN_REASONS: Final[Mapping[str, str]] = {
    "contacted_us": "The person contacted us again",
    "referrer_asked": "The referrer asked again",
    "follow_up_due": "The agreed follow-up is due",
    "barrier_gone": "What stood in the way has changed",
    "closed_by_mistake": "Closed by mistake",
    "other": "Another reason",
}
REASON_LABELS: Final[Mapping[str, str]] = {**CLOSED_REASONS, **CONTACT_LOST_REASONS, **REOPEN_REASONS}

MIN_ATTEMPTS: Final = 6
MIN_ATTEMPT_DAYS: Final = 3
MIN_ATTEMPT_SPAN: Final = timedelta(days=7)
NEW_ROW_AFTER_DAYS: Final = 90
UNDO_WITHIN: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Facts:
    """
    What the guards ask about one inquiry, as it will stand when the move is made.

    attempts           our own contact attempts; theirs, where we made none
    attempt_days       different days of the clinic's calendar with an attempt
    attempt_span       from the first attempt to the last
    live_contact       someone spoke with the person or an authorised caller
    has_master         the inquiry that this one repeats is linked
    says_no            the person said no
    follow_up_on       the agreed day, or None
    screening_complete each answer is given, or has a reason why not
    safety_answered    the safety question was put (a person may prefer not to say)
    assessment_booked  an assessment appointment that has not taken place exists
    assessment_signed  the pre-admission assessment is signed
    decision_made      who, when, level of care and reason are recorded
    place_kept         they stand on the waiting list
    slot_offered       a place was offered from the waiting list
    admission_gaps     what is missing before admission, as words
    crisis_hold        a clinician has not cleared a safety finding
    """

    attempts: int = 0
    attempt_days: int = 0
    attempt_span: timedelta = timedelta(0)
    live_contact: bool = False
    has_master: bool = False
    says_no: bool = False
    follow_up_on: date | None = None
    screening_complete: bool = False
    safety_answered: bool = False
    assessment_booked: bool = False
    assessment_signed: bool = False
    decision_made: bool = False
    place_kept: bool = False
    slot_offered: bool = False
    admission_gaps: tuple[str, ...] = ()
    crisis_hold: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """
    One way on.

    missing  the sentence saying what is missing; "" when the guard holds
    reasons  the codes to choose from; () when no reason is asked for. Before the person has said no, closing offers
             only the reasons for which nobody can
    """

    target: Status
    missing: str
    reasons: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Tell whether the move may be made now."""
        return not self.missing


class IllegalMove(ValueError):
    """
    An inquiry cannot make this move now. The text says why.

    origin, to   the move asked for
    legal        the statuses it may move to now
    """

    def __init__(self, origin: Status, to: Status, legal: tuple[Status, ...], sentence: str) -> None:
        super().__init__(sentence)
        self.origin = origin
        self.to = to
        self.legal = legal


class UndoRefused(ValueError):
    """An admission cannot be taken back any more. The text says why and what to do."""


def _unless(holds: bool, sentence: str) -> str:
    return "" if holds else sentence


def _cadence(facts: Facts) -> str:
    enough = (
        facts.attempts >= MIN_ATTEMPTS
        and facts.attempt_days >= MIN_ATTEMPT_DAYS
        and facts.attempt_span >= MIN_ATTEMPT_SPAN
    )
    return _unless(
        enough,
        f"Keep trying: {MIN_ATTEMPTS} attempts on {MIN_ATTEMPT_DAYS} different days over {MIN_ATTEMPT_SPAN.days} days "
        f"are needed. So far: {facts.attempts} on {facts.attempt_days} over {facts.attempt_span.days}.",
    )


def _screened(facts: Facts) -> str:
    if not facts.safety_answered:
        return "Ask the safety question first."
    return _unless(facts.screening_complete, "Answer each screening question, or say why it has no answer.")


def _admitted(facts: Facts) -> str:
    return _unless(not facts.admission_gaps, f"Before admission: {'; '.join(facts.admission_gaps)}.")


# By target, so that a guard holds from every origin. A target that is absent has none.
GUARDS: Final[Mapping[Status, Callable[[Facts], str]]] = {
    S.CONTACTING: lambda facts: _unless(facts.attempts > 0, "Record a contact attempt first."),
    S.CONTACTED: lambda facts: _unless(facts.live_contact, "Record a conversation with the person first."),
    S.SCREENING: lambda facts: _unless(facts.live_contact, "Screening begins in a conversation. Record it first."),
    S.SCREENED: _screened,
    S.ASSESSMENT_SCHEDULED: lambda facts: _unless(facts.assessment_booked, "Book the assessment appointment first."),
    S.ASSESSED: lambda facts: _unless(facts.assessment_signed, "The assessment waits for its signature."),
    S.ACCEPTED: lambda facts: _unless(
        facts.decision_made, "Record the clinical decision first: who, when, level of care and why."
    ),
    S.WAITLISTED: lambda facts: _unless(facts.place_kept, "Put them on the waiting list first."),
    S.ADMITTED: _admitted,
    S.NURTURE: lambda facts: _unless(facts.follow_up_on is not None, "Agree on a follow-up date first."),
    S.UNREACHABLE: _cadence,
    S.DUPLICATE: lambda facts: _unless(facts.has_master, "Choose the inquiry that this one repeats."),
}


def _reasons(origin: Status, to: Status, facts: Facts) -> tuple[str, ...]:
    """Return the reason codes of a move; () when it asks for none."""
    if to is S.REFERRED_OUT:
        return (EMERGENCY,) if facts.crisis_hold else REFERRED_REASONS
    if to is S.CLOSED_DECLINED:
        return DECLINED_REASONS if facts.says_no else WITHOUT_A_NO
    if to is S.NOT_ELIGIBLE:
        return NOT_ELIGIBLE_REASONS
    if to is S.CONTACTING and origin in REOPENABLE:
        return tuple(REOPEN_REASONS)
    if to is S.CONTACTING and origin in (S.SCREENING, S.ASSESSMENT_NO_SHOW):
        return tuple(CONTACT_LOST_REASONS)
    return ()


def _missing(origin: Status, to: Status, facts: Facts) -> str:
    if facts.crisis_hold and to is not S.REFERRED_OUT:
        return "Safety comes first. A clinician reviews the safety answer before this inquiry moves on."
    if origin is S.WAITLISTED and to is S.ACCEPTED and not facts.slot_offered:
        return "Record the place that was offered first."
    guard = GUARDS.get(to)
    return guard(facts) if guard else ""


def legal_moves(status: Status, facts: Facts) -> tuple[Move, ...]:
    """
    Return every move that the table gives from a status, in the order of `Status`, each with what it still needs.

    The emergency way out appears while a crisis hold is set, then alone without anything missing.
    """
    return tuple(
        Move(to, _missing(status, to, facts), _reasons(status, to, facts))
        for to in Status
        if to in EDGES[status] and (facts.crisis_hold or (status, to) not in EMERGENCY_ONLY)
    )


def require_move(status: Status, to: Status, facts: Facts, *, reason: str = "", note: str = "") -> Move:
    """
    Return the move when it may be made now with this reason.

    reason   a code of `Move.reasons`; "" when the move asks for none
    note     needed with the reason `other`
    :raises IllegalMove: names the legal moves and says what is missing
    """
    moves = legal_moves(status, facts)

    def refused(sentence: str) -> IllegalMove:
        return IllegalMove(status, to, tuple(move.target for move in moves if move.holds), sentence)

    found = next((move for move in moves if move.target is to), None)
    if found is None:
        raise refused(f"An inquiry does not go from “{LABELS[status]}” to “{LABELS[to]}”.")
    if found.missing:
        raise refused(found.missing)
    if reason not in (found.reasons or ("",)):
        if facts.crisis_hold:
            raise refused("While the safety review is open, the only way on is a referral for an emergency.")
        if to is S.CLOSED_DECLINED and reason in DECLINED_REASONS:
            raise refused("Record that the person said no, then close with this reason.")
        raise refused("Choose a reason from the list." if found.reasons else "This move takes no reason.")
    if reason == "other" and not note.strip():
        raise refused("Write a few words about the reason.")
    return found


def begins_anew(closed_on: date, received_on: date) -> bool:
    """Tell whether a person's new request is a new inquiry: it comes more than 90 days after the last was closed."""
    return (received_on - closed_on).days > NEW_ROW_AFTER_DAYS


def require_undo(admitted_at: datetime, now: datetime, services_recorded: int, reason: str) -> None:
    """
    Refuse to take an admission back after 24 hours, after a service, or without a reason.

    :raises UndoRefused: when it is refused
    """
    if services_recorded:
        raise UndoRefused("A service is recorded since the admission. Discharge the person instead.")
    # In UTC: two wall clocks of one zone would subtract their faces.
    if not timedelta(0) <= now.astimezone(UTC) - admitted_at.astimezone(UTC) <= UNDO_WITHIN:
        raise UndoRefused("The admission is more than 24 hours ago. Discharge the person instead.")
    if not reason.strip():
        raise UndoRefused("Write why the admission is taken back.")
