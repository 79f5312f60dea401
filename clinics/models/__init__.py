"""The rows of a clinic: who works there, what may be scored, what was done, and what is still to do."""

from clinics.models.instruments import InstrumentAttestation, InstrumentVersion, ThresholdSet
from clinics.models.invitations import Invitation
from clinics.models.people import (
    Clinic,
    ClinicKey,
    Membership,
    Program,
    ReferenceCounter,
    Supervision,
    User,
)
from clinics.models.trail import AccountEvent, AuditEvent, AuditSeal
from clinics.models.work import ApiToken, DirtyMark, Draft, IdempotencyKey, Job, Slot

__all__ = [
    "AccountEvent",
    "ApiToken",
    "AuditEvent",
    "AuditSeal",
    "Clinic",
    "ClinicKey",
    "DirtyMark",
    "Draft",
    "IdempotencyKey",
    "InstrumentAttestation",
    "InstrumentVersion",
    "Invitation",
    "Job",
    "Membership",
    "Program",
    "ReferenceCounter",
    "Slot",
    "Supervision",
    "ThresholdSet",
    "User",
]
