"""
What must stand before somebody is admitted: one list, for the page, for the move and for the API alike.

Nothing here knows a database: whoever calls brings the facts. The database asks for the rows too.

source   shared/domain/care.md 1.8, shared/design/decisions.md 5.8
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from clients.rules import guardians


class Guard(StrEnum):
    """One thing that must stand."""

    SAFETY = "safety"
    PERSON = "person"
    ASSESSMENT = "assessment"
    DECISION = "decision"
    NOTICE = "notice"
    CONSENT = "consent"
    IDENTITY = "identity"
    DUPLICATES = "duplicates"
    PROGRAM = "program"
    THERAPIST = "therapist"
    APPOINTMENT = "appointment"
    TEDS = "teds"


@dataclass(frozen=True, slots=True)
class Facts:
    """
    What is known about one inquiry before admission.

    named               the person has a record of their own
    assessment_signed   a clinician signed the pre-admission assessment
    accepted            the decision accepts them, and the inquiry stands at “Accepted”
    notice_given        the notice about confidentiality was given to them
    treatment_consent   their consent to treatment is signed and in force
    identity_checked    somebody saw who they are, and how is written down
    likely_matches      records that are likely the same person, neither merged nor marked as different
    program_chosen      a program of the clinic is chosen
    in_program          they have an open episode in it already
    therapist_assigned  a therapist who works here is chosen
    first_appointment   the first appointment is chosen
    teds_gaps           answers of the admission record that are neither given nor coded unknown
    crisis_hold         a clinician has not cleared a safety finding
    minor               they are under age on this day
    guardian_named      a parent or guardian is written down
    guardian_signed     one of them signed the consent to treatment
    """

    named: bool = False
    assessment_signed: bool = False
    accepted: bool = False
    notice_given: bool = False
    treatment_consent: bool = False
    identity_checked: bool = False
    likely_matches: int = 0
    program_chosen: bool = False
    in_program: bool = False
    therapist_assigned: bool = False
    first_appointment: bool = False
    teds_gaps: int = 0
    crisis_hold: bool = False
    minor: bool = False
    guardian_named: bool = False
    guardian_signed: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """
    One line of the list.

    done      what stands, once it does
    missing   what to do, in words that begin small: they follow a colon; "" when it stands
    """

    guard: Guard
    done: str
    missing: str

    @property
    def holds(self) -> bool:
        """Tell whether it stands."""
        return not self.missing


DONE: Final[Mapping[Guard, str]] = {
    Guard.SAFETY: "Nothing is held for safety",
    Guard.PERSON: "The person has a record",
    Guard.ASSESSMENT: "The assessment is signed",
    Guard.DECISION: "They are accepted",
    Guard.NOTICE: "The notice about confidentiality is given",
    Guard.CONSENT: "Their consent to treatment is signed",
    Guard.IDENTITY: "Their identity is checked",
    Guard.DUPLICATES: "No other record is likely theirs",
    Guard.PROGRAM: "A program is chosen",
    Guard.THERAPIST: "A therapist is chosen",
    Guard.APPOINTMENT: "The first appointment is chosen",
    Guard.TEDS: "The admission record is complete",
}
MISSING: Final[Mapping[Guard, str]] = {
    Guard.SAFETY: "a clinician reviews the safety answer",
    Guard.PERSON: "write down the person's name",
    Guard.ASSESSMENT: "the assessment is signed",
    Guard.DECISION: "a clinician decides to accept them",
    Guard.NOTICE: "give them the notice about confidentiality",
    Guard.CONSENT: "they sign the consent to treatment",
    Guard.IDENTITY: "check who they are, and write down how",
    Guard.PROGRAM: "choose the program",
    Guard.THERAPIST: "choose their therapist",
    Guard.APPOINTMENT: "choose the first appointment",
}


def checklist(facts: Facts) -> tuple[Item, ...]:
    """Return every guard in the order of `Guard`, each with what is still to be done."""
    holds = {
        Guard.SAFETY: not facts.crisis_hold,
        Guard.PERSON: facts.named,
        Guard.ASSESSMENT: facts.assessment_signed,
        Guard.DECISION: facts.accepted,
        Guard.NOTICE: facts.notice_given,
        Guard.CONSENT: facts.treatment_consent,
        Guard.IDENTITY: facts.identity_checked,
        Guard.DUPLICATES: not facts.likely_matches,
        Guard.PROGRAM: facts.program_chosen and not facts.in_program,
        Guard.THERAPIST: facts.therapist_assigned,
        Guard.APPOINTMENT: facts.first_appointment,
        Guard.TEDS: not facts.teds_gaps,
    }
    return tuple(Item(guard, DONE[guard], "" if holds[guard] else _missing(guard, facts)) for guard in Guard)


def gaps(facts: Facts) -> tuple[str, ...]:
    """Return what is missing before admission, in words that follow a colon; empty when they can be admitted."""
    return tuple(item.missing for item in checklist(facts) if not item.holds)


def warnings(facts: Facts) -> tuple[str, ...]:
    """Return what to look at before admission without which it goes on all the same, in whole sentences."""
    return guardians.gaps(minor=facts.minor, named=facts.guardian_named, signed=facts.guardian_signed)


def _missing(guard: Guard, facts: Facts) -> str:
    if guard is Guard.DUPLICATES:
        if facts.likely_matches == 1:
            return "say whether the other record that is likely theirs is the same person"
        return f"say whether the {facts.likely_matches} other records that are likely theirs are the same person"
    if guard is Guard.TEDS:
        if facts.teds_gaps == 1:
            return "answer 1 question of the admission record, or say that it is not known"
        return f"answer {facts.teds_gaps} questions of the admission record, or say that they are not known"
    if guard is Guard.PROGRAM and facts.in_program:
        return "choose another program: they are in this one"
    return MISSING[guard]
