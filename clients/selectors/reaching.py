"""
Which rights somebody holds on one person: how far each goes is known, so that only three things are asked.

A right goes over the whole clinic, or as far as a caseload, the supervision of one, or a record opened in need.
"""

from collections.abc import Sequence
from typing import Any, Final

from clients.models.access import Reached
from clinics.models import User
from clinics.roles import Reach
from clinics.tenancy import active_clinic_id

COLUMNS: Final = {reach: f"reached_by_{reach.value}" for reach in Reached.FORMS}


def columns(user: User) -> dict[str, Any]:
    """Return the columns of a person that `held` reads."""
    return {column: Reached("pk", reach, user.pk) for reach, column in COLUMNS.items()}


def held(row: Any, user: User, rights: Sequence[str]) -> dict[str, bool]:
    """
    Tell for each right whether `user` holds it on the person of `row`.

    row   what was read with `columns`
    """
    by = {Reach.CLINIC, *(reach for reach, column in COLUMNS.items() if getattr(row, column))}
    return {right: not by.isdisjoint(user.reaches(right, active_clinic_id())) for right in rights}
