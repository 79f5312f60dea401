"""
Who may do what: one table a privacy officer can read.

The rights are declared on `Clinic`, granted by django-guardian to one group per clinic and role, and narrowed to a
reach. `sync_roles` rewrites the grants from this table after every migrate. Source: the table of rights agreed with
the customer (config/decisions/0002-rights.md).
"""

import hashlib
from enum import StrEnum


class Role(StrEnum):
    """What a person is at one clinic. A person may hold several roles; their rights add up."""

    COORDINATOR = "coordinator"
    THERAPIST = "therapist"
    SUPERVISOR = "supervisor"
    CODER = "coder"
    PRIVACY_OFFICER = "privacy"
    ADMINISTRATOR = "administrator"


ROLE_LABELS = {
    Role.COORDINATOR: "Admissions coordinator",
    Role.THERAPIST: "Therapist",
    Role.SUPERVISOR: "Clinical supervisor",
    Role.CODER: "Coder",
    Role.PRIVACY_OFFICER: "Privacy officer",
    Role.ADMINISTRATOR: "Clinic administrator",
}


class Reach(StrEnum):
    """How far a right goes inside the clinic."""

    CLINIC = "clinic"
    SUPERVISEES = "supervisees"
    CASELOAD = "caseload"
    OWN = "own"
    ASSIGNED = "assigned"
    BREAK_GLASS = "break_glass"


_C, _S, _L, _O, _A = Reach.CLINIC, Reach.SUPERVISEES, Reach.CASELOAD, Reach.OWN, Reach.ASSIGNED
_COO, _THE, _SUP = Role.COORDINATOR, Role.THERAPIST, Role.SUPERVISOR
_COD, _PRI, _ADM = Role.CODER, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR

# right -> (what it lets a person do, {role: reach})
RIGHTS: dict[str, tuple[str, dict[Role, Reach]]] = {
    "view_client": ("See name, contact and demographics", {_COO: _C, _THE: _L, _SUP: _S, _PRI: _C}),
    "change_client": ("Change name, contact and demographics", {_COO: _C, _THE: _L}),
    "view_inquiry": (
        "See inquiries, attempts, payer, screening",
        {_COO: _C, _THE: _L, _SUP: _S, _PRI: _C, _ADM: _C},
    ),
    "change_inquiry": ("Log and change inquiries", {_COO: _C}),
    "change_mandate": ("Write down mandates", {_COO: _C, _THE: _L}),
    "check_benefits": ("Ask a payer what it covers, with consent", {_COO: _C}),
    "merge_client": ("Merge duplicate records", {_COO: _C}),
    "undo_merge": ("Undo a merge", {_PRI: _C}),
    "view_appointment": ("See appointments and attendance", {_COO: _C, _THE: _L, _SUP: _S}),
    "change_appointment": ("Book and record attendance", {_COO: _C, _THE: _L, _SUP: _S}),
    "correct_appointment": ("Correct attendance in the admin", {_ADM: _C}),
    "view_assessment": ("Read pre-admission assessments", {_THE: _L, _SUP: _S}),
    "write_assessment": ("Write and sign pre-admission assessments", {_THE: _L, _SUP: _S}),
    "accept_inquiry": ("Accept a person for admission", {_THE: _L, _SUP: _S}),
    "admit_client": ("Admit to an episode of care", {_COO: _C}),
    "undo_admission": ("Take an admission back", {_SUP: _S}),
    "discharge_client": ("Close an episode of care", {_THE: _L, _SUP: _S}),
    "reassign_client": ("Reassign staff of an episode", {_ADM: _C}),
    "view_measure_level": ("See the level of a measure", {_COO: _C, _THE: _L, _SUP: _S}),
    "view_measure": ("See answers to measures", {_COO: _O, _THE: _L, _SUP: _S}),
    "add_measure": ("Record answers to measures", {_COO: _C, _THE: _L}),
    "view_safety": ("See a safety flag and its task", {_COO: _C, _THE: _L, _SUP: _S}),
    "resolve_safety": ("Resolve a safety flag", {_THE: _L, _SUP: _S}),
    "view_plan": ("See plan, targets, rulers, exercises", {_THE: _L, _SUP: _S}),
    "change_plan": ("Write plan, targets, rulers, exercises", {_THE: _L}),
    "sign_plan": ("Sign a treatment plan", {_THE: _L, _SUP: _S}),
    "view_note": ("Read progress notes", {_THE: _L, _SUP: _S}),
    "write_note": ("Write and sign own progress notes", {_THE: _O}),
    "cosign_note": ("Co-sign or return a progress note", {_SUP: _S}),
    "write_counselling_note": ("Write and read own counselling notes", {_THE: _O}),
    "view_transcript": ("Read transcripts", {_THE: _O, _SUP: _S, _COD: _A}),
    "change_transcript": ("Attach transcripts", {_THE: _O}),
    "view_coding": ("See codings and scores", {_THE: _O, _SUP: _S, _COD: _A}),
    "change_coding": ("Code a segment", {_THE: _O, _SUP: _S, _COD: _A}),
    "release_coding": ("Release a coding to the therapist", {_SUP: _S}),
    "view_fidelity": ("See fidelity by therapist", {_THE: _O, _SUP: _S}),
    "view_clinic_fidelity": ("See the clinic's fidelity, no names", {_SUP: _C}),
    "view_practice": ("Work in the practice room", {_THE: _C, _SUP: _C, _COD: _C}),
    "import_practice": ("Import transcripts into the practice room", {_COD: _C, _ADM: _C}),
    "view_coded_count": ("See how many segments are coded", {_ADM: _C}),
    "view_engagement": ("See funnel and engagement", {_COO: _C, _THE: _O, _SUP: _C, _ADM: _C}),
    "view_consent": ("See consents", {_THE: _L, _SUP: _S, _PRI: _C}),
    "capture_consent": ("Record consents", {_COO: _C, _THE: _L, _PRI: _C}),
    "hold_consent": ("Put a consent on hold, or let it go on", {_PRI: _C}),
    "decide_restriction": ("Decide what is kept back at a person's wish", {_PRI: _C}),
    "disclose_record": ("Disclose or export a record", {_THE: _L, _SUP: _S, _PRI: _C}),
    "disclose_any_basis": ("Disclose without consent where the law permits it", {_PRI: _C}),
    "view_disclosure": ("See the accounting of disclosures", {_THE: _L, _SUP: _S, _PRI: _C, _ADM: _C}),
    "use_break_glass": ("Open a record outside one's reach in need", {_THE: _C, _SUP: _C}),
    "review_break_glass": ("Review break-glass access", {_SUP: _C, _PRI: _C}),
    "view_audit": ("Search the audit trail", {_PRI: _C, _ADM: _C}),
    "view_own_access": ("See who looked at me", {_THE: _O, _SUP: _O, _COD: _O}),
    "manage_people": ("Manage people and memberships", {_ADM: _C}),
    "manage_programs": ("Manage programs", {_ADM: _C}),
    "view_instrument": ("See instruments and what they score", {_THE: _C, _SUP: _C, _COD: _C, _ADM: _C}),
    "manage_instruments": ("Manage instruments and thresholds", {_ADM: _C}),
    "manage_tokens": ("Create and revoke API tokens", {_ADM: _C}),
    "view_job": ("See jobs and retry them", {_ADM: _C, _SUP: _C, _COD: _C}),
}

# What break-glass opens: never counselling notes, transcripts or fidelity.
BREAK_GLASS_RIGHTS = frozenset(
    {"view_client", "view_plan", "view_measure", "view_note", "view_safety", "view_appointment"}
)
BREAK_GLASS_MINUTES = 60

RIGHTS_HASH = hashlib.sha256(repr(RIGHTS).encode()).hexdigest()[:12]


def rights_of(role: Role) -> list[str]:
    """Return the rights of a role, in the order of the table."""
    return [right for right, (_text, reaches) in RIGHTS.items() if role in reaches]


def reach_of(right: str, role: Role) -> Reach | None:
    """Return how far `right` goes for `role`, or None when the role does not hold it."""
    return RIGHTS[right][1].get(role)


def group_name(clinic_id: int, role: Role) -> str:
    """Return the name of the group that holds a role's grants at one clinic."""
    return f"clinic:{clinic_id}:{role.value}"
