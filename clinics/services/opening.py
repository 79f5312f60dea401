"""Open a clinic for somebody who will administer it."""

from datetime import datetime
from typing import Any

from django.db import transaction

from clinics.models import AccountEvent, Clinic, User
from clinics.roles import Role
from clinics.services import invitations, people
from clinics.tenancy import clinic_scope


@transaction.atomic
def open_clinic(
    *, administrator_name: str, administrator_email: str, by: User, now: datetime, **clinic_values: Any
) -> Clinic:
    """
    Open a clinic with the shipped instruments, and invite its first administrator.

    The operator is no member of it. The mail leaves when the transaction is committed.

    :raises ValidationError: when a value has the wrong form
    """
    clinic = people.create_clinic(**clinic_values)
    with clinic_scope(clinic.pk, by.pk):
        invitations.invite(
            clinic=clinic, email=administrator_email, name=administrator_name, role=Role.ADMINISTRATOR, by=by, now=now
        )
    AccountEvent.objects.create(user=by, event="clinic.opened", detail={"clinic": str(clinic.public_id)})
    return clinic
