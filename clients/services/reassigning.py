"""Move a person from one therapist's caseload to another's."""

from django.db import transaction

from clients.models import CaseloadAssignment, Client
from clients.services import caseload
from clinics import audit
from clinics.models import User
from clinics.models.people import in_force


class NobodyLeft(ValueError):
    """The person would be on nobody's caseload."""

    field = "to"

    def __init__(self) -> None:
        super().__init__("Nobody would see this person any more. Choose who takes over.")


@transaction.atomic
def reassign(*, client: Client, to: User | None, off: User | None, reason: str, by: User) -> None:
    """
    Put a client on one therapist's caseload and take them off another's, from now on.

    to, off   either may be None: then the other is done alone
    :raises NobodyLeft: the client would be on no caseload
    :raises NotATherapist: `to` does not work as a therapist here
    """
    # Two who move one person count each other.
    client = Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
    held = set(
        CaseloadAssignment.objects.filter(in_force(), client__in=client.records).values_list("user_id", flat=True)
    )
    after = held - {off.pk if off else None} | ({to.pk} if to else set())
    if not after:
        raise NobodyLeft
    if off is not None and off != to:
        caseload.end(client=client, user=off, by=by, reason=reason)
    if to is not None:
        caseload.assign(client=client, user=to, by=by, reason=reason)
    audit.record(
        "client.reassigned", client, by=by,
        detail={"to": str(to.public_id) if to else None, "off": str(off.public_id) if off else None},
    )  # fmt: skip
