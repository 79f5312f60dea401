"""
The words of consents and disclosures: kinds, states, parts of the record, purposes, and which go together.

source   shared/domain/care.md 6.2; shared/design/decisions.md 6.6. Ours: the parts into which a record falls, and
         which kinds permit nothing outside the clinic (INSIDE).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a consent is for; one document has one kind."""

    TREATMENT = "treatment"
    TPO_SINGLE = "tpo_single"
    SPECIFIC = "specific"
    INTERMEDIARY = "intermediary"
    COUNSELLING_NOTES = "counselling_notes"
    LEGAL_PROCEEDING = "legal_proceeding"
    CRIMINAL_JUSTICE = "criminal_justice"
    FUNDRAISING = "fundraising"
    MARKETING = "marketing"
    RESEARCH = "research"
    FAMILY_CONTACT = "family_contact"
    EAP_REPORT = "eap_report"
    RECORDING = "recording"
    SUGGESTER_TRAINING = "suggester_training"


class State(StrEnum):
    """What a consent is worth at an instant. Only an active one permits anything."""

    DRAFT = "draft"
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    EXPIRED = "expired"
    REVOKED = "revoked"
    INVALID = "invalid"


class Category(StrEnum):
    """A part of the record, as consents name it and packages hold it."""

    IDENTITY = "identity"
    CONTACT = "contact"
    EPISODES = "episodes"
    ATTENDANCE = "attendance"
    SCREENING = "screening"
    MEASURES = "measures"
    MEASURE_ANSWERS = "measure_answers"
    PAYER = "payer"
    SAFETY = "safety"
    READINESS = "readiness"
    STAGES = "stages"
    PLAN = "plan"
    TREATMENT_PLAN = "treatment_plan"
    EXERCISES = "exercises"
    STRENGTHS = "strengths"
    CARD = "card"
    RELAPSE_PLAN = "relapse_plan"
    RETURNS = "returns"
    PROGRESS_NOTES = "progress_notes"
    COUNSELLING_NOTES = "counselling_notes"


class Purpose(StrEnum):
    """What somebody wants a part of the record for."""

    TREATMENT = "treatment"
    PAYMENT = "payment"
    OPERATIONS = "operations"
    OWN_REQUEST = "own_request"
    FAMILY_CONTACT = "family_contact"
    EAP_REPORT = "eap_report"
    MONITORING = "monitoring"
    LEGAL_PROCEEDING = "legal_proceeding"
    FUNDRAISING = "fundraising"
    MARKETING = "marketing"
    RESEARCH = "research"
    EMERGENCY = "emergency"
    SERVICE = "service"
    AUDIT = "audit"
    CHILD_PROTECTION = "child_protection"
    PUBLIC_HEALTH = "public_health"
    RECORDING = "recording"
    SUGGESTER_TRAINING = "suggester_training"


class RecipientClass(StrEnum):
    """A group of recipients that some consents may name in place of each member."""

    TREATING_PROVIDERS = "treating_providers"
    PLANS_AND_PAYERS = "plans_and_payers"
    OPERATIONS_HELPERS = "operations_helpers"


class Signer(StrEnum):
    """Who signs: the person, or somebody with authority to sign for them."""

    SELF = "self"
    GUARDIAN = "guardian"
    REPRESENTATIVE = "representative"


class Statement(StrEnum):
    """Something that the text of a consent must tell whoever signs it."""

    REVOCATION = "revocation"
    REDISCLOSURE = "redisclosure"
    REFUSAL = "refusal"
    OPT_OUT = "opt_out"


K, P, C = Kind, Purpose, Category
LABELS: Final[Mapping[Kind, str]] = {
    K.TREATMENT: "Consent to treatment",
    K.TPO_SINGLE: "Treatment, payment and running the clinic",
    K.SPECIFIC: "One recipient, one purpose",
    K.INTERMEDIARY: "Through an exchange or other intermediary",
    K.COUNSELLING_NOTES: "Counseling notes",
    K.LEGAL_PROCEEDING: "A legal proceeding",
    K.CRIMINAL_JUSTICE: "Criminal justice: who monitors the mandate",
    K.FUNDRAISING: "Fundraising",
    K.MARKETING: "Marketing",
    K.RESEARCH: "Research",
    K.FAMILY_CONTACT: "Contact with family",
    K.EAP_REPORT: "Report to an employee assistance program",
    K.RECORDING: "Recording sessions",
    K.SUGGESTER_TRAINING: "Training the code suggester",
}
STATE_LABELS: Final[Mapping[State, str]] = {
    State.DRAFT: "Not signed yet",
    State.ACTIVE: "Active",
    State.ON_HOLD: "On hold",
    State.EXPIRED: "Expired",
    State.REVOKED: "Revoked",
    State.INVALID: "Not valid",
}
CATEGORY_LABELS: Final[Mapping[Category, str]] = {
    C.IDENTITY: "Name, date of birth and record number",
    C.CONTACT: "Telephone, e-mail and postal code",
    C.EPISODES: "Programs and days of admission and discharge",
    C.ATTENDANCE: "Appointments and attendance",
    C.SCREENING: "What was said at intake",
    C.MEASURES: "Measures: scores, levels and days",
    C.MEASURE_ANSWERS: "Measures: each answer",
    C.PAYER: "Insurance and payer",
    C.SAFETY: "Safety concerns and reviews",
    C.READINESS: "Rulers of importance, confidence and readiness",
    C.STAGES: "Stages of change as rated, for each goal",
    C.PLAN: "What the person wants to change",
    C.TREATMENT_PLAN: "Treatment plan in force, with how far goals had come",
    C.EXERCISES: "Exercises about change, except those kept private",
    C.STRENGTHS: "Reasons for a change, strengths and milestones",
    C.CARD: "The person's own card of reasons and wins",
    C.RELAPSE_PLAN: "Plan for return to use",
    C.RETURNS: "Cravings and returns to use",
    C.PROGRESS_NOTES: "Signed progress notes",
    C.COUNSELLING_NOTES: "Counseling notes",
}
PURPOSE_LABELS: Final[Mapping[Purpose, str]] = {
    P.TREATMENT: "Treatment",
    P.PAYMENT: "Payment",
    P.OPERATIONS: "Running the clinic",
    P.OWN_REQUEST: "The person asks for their own record",
    P.FAMILY_CONTACT: "Contact with family",
    P.EAP_REPORT: "Report to an employee assistance program",
    P.MONITORING: "Monitoring a mandate",
    P.LEGAL_PROCEEDING: "A legal proceeding",
    P.FUNDRAISING: "Fundraising",
    P.MARKETING: "Marketing",
    P.RESEARCH: "Research",
    P.EMERGENCY: "A medical emergency",
    P.SERVICE: "A service for the clinic",
    P.AUDIT: "Audit or evaluation",
    P.CHILD_PROTECTION: "Protecting a child",
    P.PUBLIC_HEALTH: "Public health, without identifiers",
    P.RECORDING: "Recording sessions",
    P.SUGGESTER_TRAINING: "Training the code suggester",
}
CLASS_LABELS: Final[Mapping[RecipientClass, str]] = {
    RecipientClass.TREATING_PROVIDERS: "My treating providers",
    RecipientClass.PLANS_AND_PAYERS: "Health plans and payers",
    RecipientClass.OPERATIONS_HELPERS: "People who help to run the program",
}

# Kinds about what happens inside the clinic: they name no recipient, and nothing goes out under them.
INSIDE: Final = frozenset({K.TREATMENT, K.RECORDING, K.SUGGESTER_TRAINING})
TPO: Final = frozenset({P.TREATMENT, P.PAYMENT, P.OPERATIONS})
PURPOSES_OF: Final[Mapping[Kind, frozenset[Purpose]]] = {
    K.TREATMENT: frozenset({P.TREATMENT}),
    K.TPO_SINGLE: TPO,
    K.SPECIFIC: TPO | {P.OWN_REQUEST, P.MONITORING},
    K.INTERMEDIARY: TPO,
    K.COUNSELLING_NOTES: TPO | {P.OWN_REQUEST},
    K.LEGAL_PROCEEDING: frozenset({P.LEGAL_PROCEEDING}),
    K.CRIMINAL_JUSTICE: frozenset({P.MONITORING}),
    K.FUNDRAISING: frozenset({P.FUNDRAISING}),
    K.MARKETING: frozenset({P.MARKETING}),
    K.RESEARCH: frozenset({P.RESEARCH}),
    K.FAMILY_CONTACT: frozenset({P.FAMILY_CONTACT}),
    K.EAP_REPORT: frozenset({P.EAP_REPORT}),
    K.RECORDING: frozenset({P.RECORDING}),
    K.SUGGESTER_TRAINING: frozenset({P.SUGGESTER_TRAINING}),
}
CLASSES_OF: Final[Mapping[Kind, frozenset[RecipientClass]]] = {
    K.TPO_SINGLE: frozenset(RecipientClass),
    K.INTERMEDIARY: frozenset({RecipientClass.TREATING_PROVIDERS}),
}
STATEMENTS_OF: Final[Mapping[Kind, frozenset[Statement]]] = {
    kind: frozenset(
        {
            Statement.REVOCATION,
            *{
                K.TPO_SINGLE: (Statement.REDISCLOSURE, Statement.REFUSAL),
                K.COUNSELLING_NOTES: (Statement.REFUSAL,),
                K.FUNDRAISING: (Statement.OPT_OUT,),
            }.get(kind, ()),
        }
    )
    for kind in Kind
}
