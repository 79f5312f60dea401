"""
Whether anything may be told to somebody outside, and what of it: the legal basis, then the limits.

What goes out is what was asked for, and is in the consent (where consent is the basis), and is needed for the purpose,
and is not kept back at the person's wish. Everything else is dropped, each part with its reason. Counseling notes go
out under their own consent or not at all. Nothing here knows a database or a clock.

source   shared/domain/care.md 6.3, 6.5; shared/design/decisions.md 6. Ours: the table of what a purpose needs; that a
         restriction holds for every basis under which the clinic is free to tell, and not where a law, an order or an
         emergency asks for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from clients.rules import names
from clients.rules.consent_terms import PURPOSE_LABELS, Category, Kind, Purpose, RecipientClass, State
from clients.rules.consents import REFUSALS, Document, Recipient, covers_recipient, state_at


class Basis(StrEnum):
    """What permits a disclosure."""

    CONSENT = "consent"
    MEDICAL_EMERGENCY = "medical_emergency"
    QSO = "qso"
    AUDIT_EVALUATION = "audit_evaluation"
    RESEARCH = "research"
    COURT_ORDER = "court_order"
    CHILD_ABUSE_REPORT = "child_abuse_report"
    PUBLIC_HEALTH = "public_health_deidentified"


class Dropped(StrEnum):
    """Why a part that was asked for is left out."""

    OWN_CONSENT = "own_consent"
    NOT_IN_CONSENT = "not_in_consent"
    NOT_NEEDED = "not_needed"
    RESTRICTED = "restricted"
    IDENTIFIES = "identifies"


B, C, P = Basis, Category, Purpose
BASIS_LABELS: Final[Mapping[Basis, str]] = {
    B.CONSENT: "The person's written consent",
    B.MEDICAL_EMERGENCY: "A medical emergency",
    B.QSO: "A service provider under agreement",
    B.AUDIT_EVALUATION: "Audit or evaluation",
    B.RESEARCH: "Approved research",
    B.COURT_ORDER: "A court order with subpoena",
    B.CHILD_ABUSE_REPORT: "A report of child abuse or neglect",
    B.PUBLIC_HEALTH: "Public health, without identifiers",
}
DROPPED_SENTENCES: Final[Mapping[Dropped, str]] = {
    Dropped.OWN_CONSENT: "Counseling notes need a consent of their own.",
    Dropped.NOT_IN_CONSENT: "The consent does not name this part.",
    Dropped.NOT_NEEDED: "The purpose does not need this part.",
    Dropped.RESTRICTED: "The person asked to keep this back, and the clinic agreed.",
    Dropped.IDENTIFIES: "This part would tell who the person is.",
}

CARE: Final = frozenset(
    {
        C.IDENTITY, C.CONTACT, C.EPISODES, C.ATTENDANCE, C.SCREENING, C.MEASURES, C.MEASURE_ANSWERS, C.SAFETY,
        C.READINESS, C.STAGES, C.PLAN, C.TREATMENT_PLAN, C.EXERCISES, C.STRENGTHS, C.CARD, C.RELAPSE_PLAN, C.RETURNS,
        C.PROGRESS_NOTES, C.COUNSELLING_NOTES,
    }
)  # fmt: skip
# What is worked out with a person for themselves: no auditor needs it.
WORKED_OUT: Final = frozenset({C.EXERCISES, C.STRENGTHS, C.CARD})
# The most that a purpose ever needs. Less may be asked for; more never goes out.
NEEDS: Final[Mapping[Purpose, frozenset[Category]]] = {
    P.TREATMENT: CARE,
    P.PAYMENT: frozenset({C.IDENTITY, C.CONTACT, C.EPISODES, C.ATTENDANCE, C.PAYER, C.COUNSELLING_NOTES}),
    P.OPERATIONS: frozenset(
        {C.IDENTITY, C.EPISODES, C.ATTENDANCE, C.MEASURES, C.READINESS, C.STAGES, C.COUNSELLING_NOTES}
    ),
    P.OWN_REQUEST: frozenset(Category),
    # The card shows what the person chose for others to see, and only where their consent names it.
    P.FAMILY_CONTACT: frozenset({C.IDENTITY, C.EPISODES, C.ATTENDANCE, C.CARD}),
    P.EAP_REPORT: frozenset({C.IDENTITY, C.EPISODES, C.ATTENDANCE}),
    P.MONITORING: frozenset({C.IDENTITY, C.EPISODES, C.ATTENDANCE, C.PLAN}),
    P.LEGAL_PROCEEDING: CARE - {C.CONTACT, C.COUNSELLING_NOTES},
    P.FUNDRAISING: frozenset({C.IDENTITY, C.CONTACT}),
    P.MARKETING: frozenset({C.IDENTITY, C.CONTACT}),
    P.RESEARCH: frozenset({C.EPISODES, C.ATTENDANCE, C.MEASURES, C.READINESS, C.STAGES}),
    P.EMERGENCY: frozenset({C.IDENTITY, C.CONTACT, C.EPISODES, C.SCREENING, C.SAFETY}),
    P.SERVICE: frozenset({C.IDENTITY, C.CONTACT, C.EPISODES, C.ATTENDANCE, C.PAYER}),
    P.AUDIT: CARE - {C.CONTACT, C.COUNSELLING_NOTES} - WORKED_OUT,
    P.CHILD_PROTECTION: frozenset({C.IDENTITY, C.CONTACT, C.SAFETY}),
    P.PUBLIC_HEALTH: frozenset({C.ATTENDANCE, C.READINESS}),
    # These stay inside the clinic.
    P.RECORDING: frozenset(),
    P.SUGGESTER_TRAINING: frozenset(),
}
# The one purpose of each basis that is not consent.
PURPOSE_OF: Final[Mapping[Basis, Purpose]] = {
    B.MEDICAL_EMERGENCY: P.EMERGENCY,
    B.QSO: P.SERVICE,
    B.AUDIT_EVALUATION: P.AUDIT,
    B.RESEARCH: P.RESEARCH,
    B.COURT_ORDER: P.LEGAL_PROCEEDING,
    B.CHILD_ABUSE_REPORT: P.CHILD_PROTECTION,
    B.PUBLIC_HEALTH: P.PUBLIC_HEALTH,
}
# What tells who somebody is, and so never goes out without identifiers.
WITHOUT_IDENTIFIERS: Final = frozenset({C.ATTENDANCE, C.READINESS})
# A law, an order or a life in danger asks for these: what the person asked to keep back does not bind them.
BEYOND_RESTRICTIONS: Final = frozenset({B.MEDICAL_EMERGENCY, B.COURT_ORDER, B.CHILD_ABUSE_REPORT})

# Who keeps the first back keeps the second back too: it tells the same, or more of it.
KEPT_WITH: Final[Mapping[Category, frozenset[Category]]] = {
    C.PLAN: frozenset({C.TREATMENT_PLAN, C.STAGES, C.EXERCISES, C.STRENGTHS, C.CARD, C.RELAPSE_PLAN, C.RETURNS}),
    C.READINESS: frozenset({C.STAGES, C.CARD}),
    C.MEASURES: frozenset({C.MEASURE_ANSWERS}),
    C.EXERCISES: frozenset({C.CARD}),
    C.STRENGTHS: frozenset({C.CARD}),
    C.CARD: frozenset({C.STRENGTHS}),
}

RECORDS: Final[Mapping[Basis, Mapping[str, str]]] = {
    B.CONSENT: {},
    B.MEDICAL_EMERGENCY: {
        "affiliation": "Write where the recipient works: the hospital, ambulance or practice.",
        "description": "Write what the emergency is.",
    },
    B.QSO: {
        "affiliation": "Write the company that gives the service.",
        "reference": "Enter the number or day of the service agreement.",
    },
    B.AUDIT_EVALUATION: {
        "affiliation": "Write the body that audits or evaluates.",
        "reference": "Enter the number or day of its written promise to protect the records.",
    },
    B.RESEARCH: {
        "affiliation": "Write the institution that does the research.",
        "reference": "Enter the number of the approval by its review board.",
    },
    B.COURT_ORDER: {
        "affiliation": "Write the court.",
        "reference": "Enter the number of the court order. A subpoena alone is not enough.",
        "subpoena": "Enter the number of the subpoena. A court order alone does not compel.",
    },
    B.CHILD_ABUSE_REPORT: {
        "affiliation": "Write the agency that takes the report.",
        "description": "Write what is reported.",
    },
    B.PUBLIC_HEALTH: {"affiliation": "Write the public health authority."},
}

SHORT_NOTICE: Final = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
LONG_NOTICE: Final = (
    "This record is protected by federal confidentiality rules, 42 CFR part 2.",
    "You may not use or disclose this record, or give testimony about what it says, in any civil, criminal, "
    "administrative or legislative proceeding against the patient, unless the patient consents in writing, "
    "42 CFR 2.12(c)(5) applies, or a court orders it under 42 CFR 2.64 or 2.65.",
    "You may not use or disclose this record in any other way, unless the patient consents in writing, 42 CFR part 2 "
    "permits it, or you are a covered entity or business associate under HIPAA and received it for treatment, payment "
    "or health care operations, or received it from one as HIPAA permits.",
    "A general release of medical or other information is not enough.",
)
NOTICES: Final[Mapping[str, str]] = {"short": SHORT_NOTICE, "long": " ".join(LONG_NOTICE)}
PRESENCE_ANSWER: Final = (
    "I cannot confirm or deny whether anybody is known here. If you leave a message, it is passed on if there is "
    "somebody to pass it on to."
)


@dataclass(frozen=True, slots=True)
class Request:
    """
    What somebody wants told.

    record      what the basis asks to be written down, by the names in RECORDS
    attachment  the copy of the consent, or a clear explanation of its scope, that goes with it
    notice      "short" or "long": the form of the notice that goes with it
    """

    basis: Basis
    purpose: Purpose
    recipient: Recipient
    categories: frozenset[Category]
    at: datetime
    record: Mapping[str, str] = field(default_factory=dict)
    attachment: str = ""
    notice: str = "long"


@dataclass(frozen=True, slots=True)
class KeptBack:
    """
    A restriction that the clinic agreed to.

    recipient    not to them, by name; empty: whoever it is
    to_payers    not to payers, for payment or running the clinic, because the person paid for it themselves
    categories   these parts; empty: all
    """

    recipient: str = ""
    to_payers: bool = False
    categories: frozenset[Category] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """
    What may go out.

    refused   why nothing does; empty when something may
    given     the parts that go, in the order of Category
    dropped   the parts that were asked for and do not go, and why
    """

    refused: str
    given: tuple[Category, ...] = ()
    dropped: Mapping[Category, Dropped] = field(default_factory=dict)

    @property
    def allowed(self) -> bool:
        """Tell whether anything goes out."""
        return not self.refused


NO_CONSENT: Final = "Choose the consent that permits this."
NOT_A_BASIS: Final = "This consent is about what happens inside the clinic. Nothing goes out under it."
NOT_THE_RECIPIENT: Final = "The consent does not name this recipient. Ask the person whether they want to sign another."
NOT_THE_PURPOSE: Final = "The consent does not name this purpose. Ask the person whether they want to sign another."
NO_ATTACHMENT: Final = "A copy of the consent, or a clear explanation of its scope, goes with it. Attach one."
NO_RECIPIENT: Final = "Write who receives it."
NO_NOTICE: Final = "The notice about confidentiality goes with it. Choose the short or the long form."
NO_CATEGORIES: Final = "Choose at least one part of the record."
NOTHING_LEFT: Final = "Nothing of what was asked for may go out. The reasons stand beside each part."


def decide(request: Request, consent: Document | None, restrictions: Sequence[KeptBack] = ()) -> Decision:
    """
    Return what may go out: the legal basis first, then what limits it. A refusal gives nothing at all.

    consent        the document that the request rests on; looked at only when consent is the basis
    restrictions   what the clinic agreed to keep back
    """
    refused = _refusal(request, consent)
    if refused:
        return Decision(refused)
    document = consent if request.basis is Basis.CONSENT else None
    dropped: dict[Category, Dropped] = {}
    given: list[Category] = []
    for category in Category:
        if category in request.categories:
            reason = _reason_to_drop(category, request, document, restrictions)
            if reason is None:
                given.append(category)
            else:
                dropped[category] = reason
    return Decision("" if given else NOTHING_LEFT, tuple(given), dropped)


def missing_records(basis: Basis, record: Mapping[str, str]) -> dict[str, str]:
    """Return what a basis asks to be written down and is not: the name of each field and what to do."""
    return {name: sentence for name, sentence in RECORDS[basis].items() if not names.tidy(record.get(name, ""))}


def _refusal(request: Request, consent: Document | None) -> str:
    """Return why nothing may go out on this basis, or an empty text."""
    if not names.key(request.recipient.name):
        return NO_RECIPIENT
    if not request.categories:
        return NO_CATEGORIES
    if request.basis is not Basis.CONSENT:
        if request.purpose is not PURPOSE_OF[request.basis]:
            return f"This basis serves one purpose: {PURPOSE_LABELS[PURPOSE_OF[request.basis]].lower()}."
        return next(iter(missing_records(request.basis, request.record).values()), "")
    if consent is None:
        return NO_CONSENT
    state = state_at(consent, request.at)
    if state is not State.ACTIVE:
        return REFUSALS[state]
    return _outside_consent(request, consent)


def _outside_consent(request: Request, consent: Document) -> str:
    """Return in what way a request leaves what an active consent permits, or an empty text."""
    if not NEEDS[request.purpose]:
        return NOT_A_BASIS
    if request.purpose not in consent.purposes:
        return NOT_THE_PURPOSE
    if not covers_recipient(consent, request.recipient):
        return NOT_THE_RECIPIENT
    if request.notice not in NOTICES:
        return NO_NOTICE
    return "" if request.attachment.strip() else NO_ATTACHMENT


def _reason_to_drop(
    category: Category, request: Request, consent: Document | None, restrictions: Iterable[KeptBack]
) -> Dropped | None:
    """Return why a part stays back, or None: the narrowest reason first."""
    if category is Category.COUNSELLING_NOTES and (consent is None or consent.kind is not Kind.COUNSELLING_NOTES):
        return Dropped.OWN_CONSENT
    if consent is not None and category not in consent.categories:
        return Dropped.NOT_IN_CONSENT
    if request.basis is Basis.PUBLIC_HEALTH and category not in WITHOUT_IDENTIFIERS:
        return Dropped.IDENTIFIES
    if category not in NEEDS[request.purpose]:
        return Dropped.NOT_NEEDED
    if request.basis not in BEYOND_RESTRICTIONS and any(_keeps_back(one, category, request) for one in restrictions):
        return Dropped.RESTRICTED
    return None


def _keeps_back(restriction: KeptBack, category: Category, request: Request) -> bool:
    if restriction.categories and category not in with_kept(restriction.categories):
        return False
    if restriction.to_payers:
        payer = request.recipient.of_class is RecipientClass.PLANS_AND_PAYERS or request.purpose is Purpose.PAYMENT
        return payer and request.purpose in (Purpose.PAYMENT, Purpose.OPERATIONS)
    return not restriction.recipient or names.key(restriction.recipient) == names.key(request.recipient.name)


def with_kept(categories: Iterable[Category]) -> frozenset[Category]:
    """Return parts that are kept back, with those that would tell the same."""
    chosen = frozenset(categories)
    return chosen.union(*(KEPT_WITH.get(one, frozenset()) for one in chosen))


def on_presence_query() -> str:
    """
    Return what to say to somebody who asks whether a person is or was in care here: the same for whoever asks.

    Whether there is a record is never looked up first, so the answer cannot differ.
    """
    return PRESENCE_ANSWER
