"""
Who works with whom, dated by the database's clock.

Who works with one record of a person works with all that are joined with it.
"""

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from clients.models import CaseloadAssignment, Client
from clinics import audit
from clinics.models import User
from clinics.models.people import in_force
from clinics.roles import Role
from clinics.selectors.staff import staff_now

JOINED = "Records joined"


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
    Put a person on a therapist's caseload, from now on, with every record of theirs; already there, nothing changes.

    :raises NotATherapist: the therapist does not work as one here
    """
    require_therapist(user, client.clinic_id)
    assignment: CaseloadAssignment
    assignment, made = CaseloadAssignment.objects.get_or_create(
        client=client, user=user, ends_at=None, defaults={"reason": reason}
    )
    if made:
        share(client)
        audit.record("caseload.assigned", assignment, by=by, detail={"user": str(user.public_id)})
    return assignment


@transaction.atomic
def end(*, client: Client, user: User, by: User | None, reason: str = "", only: str = "") -> bool:
    """
    Take a person off a therapist's caseload, from now on, with every record of theirs; tell whether they were on it.

    only   what was given for this reason: who works with the person for another one goes on
    """
    rows = CaseloadAssignment.objects.select_for_update().filter(client__in=client.records, user=user, ends_at=None)
    held = list(rows.order_by("pk"))
    ending = [row for row in held if only in ("", row.reason)]
    if not ending:
        return False
    if all(row in ending or row.reason == JOINED for row in held):
        ending = held
    CaseloadAssignment.objects.filter(pk__in=[row.pk for row in ending]).update(ends_at=Now())
    share(client)
    detail = {"user": str(user.public_id), "reason_given": bool(reason)}
    for row in ending:
        audit.record("caseload.ended", row, by=by, detail=detail)
    return True


def given_for(client: Client, reason: str) -> QuerySet[User, User]:
    """Return who has a person on their caseload now, under whichever record, for this reason."""
    rows = CaseloadAssignment.objects.filter(client__in=client.records, ends_at=None, reason=reason)
    found: QuerySet[User, User] = User.objects.filter(pk__in=rows.values("user_id")).order_by("pk")
    return found


def share(client: Client) -> None:
    """Give who works with one record of a person all of them, from now on, for as long as these are joined."""
    keys = list(client.records.order_by("pk").values_list("pk", flat=True))
    if len(keys) == 1:
        return
    users: dict[int, set[int]] = {key: set() for key in keys}
    held = CaseloadAssignment.objects.filter(in_force(), client_id__in=keys)
    for client_id, user_id in held.values_list("client_id", "user_id"):
        users[client_id].add(user_id)
    everybody = set().union(*users.values())
    CaseloadAssignment.objects.bulk_create(
        CaseloadAssignment(clinic_id=client.clinic_id, client_id=key, user_id=user_id, reason=JOINED)
        for key in keys
        for user_id in sorted(everybody - users[key])
    )


def part(side: Client) -> None:
    """
    Take the records of one side of what was joined from everybody who works with none of them by themselves.

    Not only what one merge gave: a later one may have given the records of both sides to a third.
    """
    held = CaseloadAssignment.objects.filter(in_force(), client__in=side.records)
    by_themselves = held.exclude(reason=JOINED).values("user_id")
    held.filter(reason=JOINED).exclude(user_id__in=by_themselves).update(ends_at=Now())
