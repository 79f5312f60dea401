"""Who is on call, now and later."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Now

from clients.models import Shift
from clients.models.safety import CLINICIANS
from clinics.models import User
from clinics.models.people import in_force
from clinics.roles import Reach, Role
from clinics.selectors.staff import staff_now

MOST_NAMED: Final = 3
VIEW: Final = "clinics.view_safety"
# Who takes the calls plans who is on call; so does who answers for the safety of a team. A therapist, who resolves
# concerns about their own people alone, does not.
PLAN, ANSWER = "clinics.change_inquiry", "clinics.resolve_safety"
TEAM: Final = frozenset({Reach.CLINIC, Reach.SUPERVISEES})


@dataclass(frozen=True)
class OnCall:
    """
    Who can be fetched now.

    people     the first is called first, the next stands in
    rostered   they are on call by the roster; else nobody is, and these are the clinic's supervisors
    """

    people: tuple[User, ...]
    rostered: bool


def on_call(clinic_id: int) -> OnCall:
    """Return who is on call now, by the database's clock; the supervisors where no shift covers this moment."""
    running = Shift.objects.filter(in_force())
    since = Subquery(running.filter(user_id=OuterRef("pk")).order_by("starts_at").values("starts_at")[:1])
    rostered = (
        staff_now(clinic_id, *CLINICIANS)
        .filter(pk__in=running.values("user_id"))
        .annotate(on_call_since=since)
        .order_by("on_call_since", "name", "pk")
    )
    found = tuple(rostered[:MOST_NAMED])
    return OnCall(found or tuple(staff_now(clinic_id, Role.SUPERVISOR)[:MOST_NAMED]), bool(found))


def plans(user: User, clinic_id: int, rights: Collection[str] = (PLAN, ANSWER)) -> bool:
    """Tell whether somebody plans who is on call, by one of these rights."""
    if PLAN in rights and user.may(PLAN, clinic_id):
        return True
    return ANSWER in rights and bool(user.reaches(ANSWER, clinic_id) & TEAM)


def shift_of(public_id: str) -> Shift | None:
    """Return the shift of a public id; None where there is none, or the id has the wrong form."""
    try:
        found: Shift | None = Shift.objects.select_related("user").filter(public_id=uuid.UUID(public_id)).first()
    except ValueError:
        return None
    return found


def shifts_ahead() -> QuerySet[Shift, Shift]:
    """Return the shifts that run or are still to come, with who is on call."""
    found: QuerySet[Shift, Shift] = Shift.objects.filter(ends_at__gt=Now())
    return found.select_related("user")
