"""People of the entered clinic as choices of a form, and dated rows as a filter of a list."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.admin_lists import OneOf
from clinics.models import Membership, User
from clinics.models.people import in_force
from clinics.roles import ROLE_LABELS, Role
from clinics.tenancy import ActiveClinicId

ROLES = [(role.value, ROLE_LABELS[role]) for role in Role]
# Of the entered clinic; looked up when a page asks, so that they may be declared once.
MEMBERSHIPS_HERE = Membership.objects.filter(clinic_id=ActiveClinicId())
PEOPLE_HERE = User.objects.filter(pk__in=MEMBERSHIPS_HERE.values("user_id")).order_by("name", "email")


def working_as(role: Role) -> Any:
    """Return the people who work at the entered clinic in a role now, as a queryset that is asked later."""
    held = MEMBERSHIPS_HERE.filter(in_force(), role=role)
    return User.objects.filter(is_active=True, pk__in=held.values("user_id")).order_by("name", "email")


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice among people of the entered clinic, by public id, with the address that tells namesakes apart."""

    def __init__(self, queryset: Any, **options: Any) -> None:
        super().__init__(queryset, to_field_name="public_id", **options)

    def label_from_instance(self, obj: Any) -> str:
        """Return name and address."""
        return f"{obj.name} · {obj.email}"


class InForce(OneOf):
    """Dated rows: those in force now by the database's clock, or those that have ended."""

    title = _("time")
    parameter_name = "time"

    def lookups(self, request: Any, model_admin: Any) -> Any:
        return (("now", _("In force")), ("ended", _("Ended")))

    def queryset(self, request: Any, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        return queryset.filter(in_force()) if self.value() == "now" else queryset.exclude(in_force())
