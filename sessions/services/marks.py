"""Marks that a derived fidelity figure must be computed again. Analytics drains them; nothing here knows how."""

from clinics.models import DirtyMark
from clinics.tenancy import active_clinic_id
from sessions.models import Coding

FIDELITY = "fidelity"


def fidelity_key(coding: Coding) -> str:
    """Return the cell a coding counts in: 't:<therapist>:<YYYY-MM>', or 'p:<practice set>'."""
    if coding.practice_set_id is not None:
        return f"p:{coding.practice_set_id}"
    return f"t:{coding.therapist_id}:{coding.service_on:%Y-%m}"


def mark_fidelity(*codings: Coding) -> None:
    """Mark the cells of these codings, in the caller's transaction."""
    DirtyMark.objects.bulk_create(
        DirtyMark(clinic_id=active_clinic_id(), kind=FIDELITY, key=key)
        for key in sorted({fidelity_key(coding) for coding in codings})
    )
