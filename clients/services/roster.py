"""Plan who is on call, and end it."""

from datetime import datetime

from django.db import transaction

from clients.models import Shift
from clients.models.safety import CLINICIANS
from clients.rules import shifts
from clients.rules.shifts import BadShift
from clinics import audit
from clinics.models import Clinic, Membership, User
from clinics.selectors.staff import staff_now


@transaction.atomic
def plan_shift(*, clinic: Clinic, user: User, starts_at: datetime, ends_at: datetime, by: User, now: datetime) -> Shift:
    """
    Put a clinician on call from one instant to another.

    :raises BadShift: they are no clinician here now, are on call then already, or the times cannot be
    """
    if not staff_now(clinic.pk, *CLINICIANS).filter(pk=user.pk).exists():
        raise BadShift("user", "Choose a therapist or supervisor who works here now.")
    # One at a time for each person, so that two shifts over each other are not planned at once.
    held = Membership.objects.filter(clinic=clinic, user=user).order_by("pk").select_for_update(of=("self",))
    list(held.values_list("pk", flat=True))
    own = Shift.objects.filter(user=user, ends_at__gt=now).values_list("starts_at", "ends_at")
    shifts.require_shift(starts_at, ends_at, now, own)
    shift: Shift = Shift.objects.create(clinic=clinic, user=user, starts_at=starts_at, ends_at=ends_at, created_by=by)
    audit.record("shift.planned", shift, by=by, detail={"user": str(user.public_id)})
    return shift


@transaction.atomic
def end_shift(*, shift: Shift, by: User, now: datetime) -> bool:
    """
    End a shift that runs, or take back one that is still to come; tell whether it ran.

    :raises BadShift: it is over already
    """
    shift = Shift.objects.select_for_update(of=("self",)).get(pk=shift.pk)
    if shift.ends_at <= now:
        raise BadShift("ends_at", "This shift is over already.")
    ran = shift.starts_at < now
    audit.record("shift.ended" if ran else "shift.taken_back", shift, by=by, detail={"user": str(shift.user.public_id)})
    if ran:
        shift.ends_at = now
        shift.save(update_fields=["ends_at"])
    else:
        shift.delete()
    return ran
