"""Who works at a clinic."""

from django.db.models import QuerySet

from clinics.models import Membership, User
from clinics.roles import Role


def staff_now(clinic_id: int, *roles: Role) -> QuerySet[User, User]:
    """Return who works at a clinic in one of these roles now, by the database's clock: by name, each person once."""
    active = Membership.objects.active().filter(clinic_id=clinic_id, role__in=roles)
    return User.objects.filter(pk__in=active.values("user_id"), is_active=True).order_by("name", "id")
