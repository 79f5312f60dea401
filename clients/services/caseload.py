"""Who works with whom, dated by the database's clock."""

from django.db import transaction
from django.db.models.functions import Now

from clients.models import CaseloadAssignment, Client
from clinics import audit
from clinics.models import User
from clinics.roles import Role
from clinics.selectors.staff import staff_now


class NotATherapist(Exception):
    """The person has no active membership as a therapist at this clinic."""

    field = "therapist"

    def __init__(self) -> None:
        super().__init__("This person does not work as a therapist at this clinic now. Choose someone who does.")


def require_therapist(user: User, clinic_id: int) -> None:
    """
    Refuse a person who is not a therapist at the clinic now, by the database's clock.

    :raises NotATherapist: when not
    """
    if not staff_now(clinic_id, Role.THERAPIST).filter(pk=user.pk).exists():
        raise NotATherapist


@transaction.atomic
def assign(*, client: Client, user: User, by: User | None, reason: str = "") -> CaseloadAssignment:
    """
    Put a person on a therapist's caseload, from now on; already there, nothing changes.

    :raises NotATherapist: the therapist does not work as one here
    """
    require_therapist(user, client.clinic_id)
    assignment: CaseloadAssignment
    assignment, made = CaseloadAssignment.objects.get_or_create(
        client=client, user=user, ends_at=None, defaults={"reason": reason}
    )
    if made:
        audit.record("caseload.assigned", assignment, by=by, detail={"user": str(user.public_id)})
    return assignment


@transaction.atomic
def end(*, client: Client, user: User, by: User | None, reason: str = "") -> bool:
    """Take a person off a therapist's caseload, from now on; tell whether they were on it."""
    found = CaseloadAssignment.objects.select_for_update().filter(client=client, user=user, ends_at=None).first()
    if found is None:
        return False
    found.ends_at = Now()
    found.save(update_fields=["ends_at"])
    audit.record("caseload.ended", found, by=by, detail={"user": str(user.public_id), "reason_given": bool(reason)})
    return True
