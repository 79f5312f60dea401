"""
Doors into a clinic: entering one, finding a row one may see, and the answer to `user.has_perm`.

Not visible is 404, visible but not allowed is 403. A foreign, absent or malformed id gives the same 404.
"""

import uuid
from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from clinics import audit
from clinics.models import Clinic, User
from clinics.roles import Reach
from clinics.tenancy import ClinicOwned, act_as, active_clinic_id, clinic_scope

M = TypeVar("M", bound=ClinicOwned)
NOT_HERE = "Nothing with that address is at this clinic."


def enter_clinic(request: Any, user: Any, slug: str, of_token: int | None = None) -> Clinic:
    """
    Enter the clinic of the address for the rest of the request.

    request    the Django request; its `scopes` (set by the middleware) hold the scope open until the answer is made
    of_token   key of the one clinic that the request's token is for; looking the token up has entered it already
    :raises Http404: without an active membership, as for a clinic that does not exist or is not the token's
    """
    memberships = user.memberships_now() if user.is_authenticated else ()
    clinic: Clinic | None = next((one.clinic for one in memberships if one.clinic.slug == slug), None)
    if clinic is None or of_token not in (None, clinic.pk):
        raise Http404(NOT_HERE)
    if of_token is None:
        request.scopes.enter_context(clinic_scope(clinic.pk, user.pk))
    else:
        act_as(user.pk)
    request.clinic = clinic
    request.clinic_entered = True
    audit.note_request(request, user)
    return clinic


def require(user: User, perm: str) -> None:
    """
    Refuse unless the person holds the right in the entered clinic, however far.

    :raises PermissionDenied: when not
    """
    if not user.may(perm, active_clinic_id()):
        raise PermissionDenied(perm)


def find_permitted(
    model: type[M],
    user: User,
    perm: str,
    *,
    view_perm: str | None = None,
    purpose: str = "",
    related: tuple[str, ...] = (),
    columns: Mapping[str, Any] | None = None,
    **lookup: Any,
) -> M:
    """
    Return the one row that `lookup` names and on which the person holds `perm`, and record that it was opened.

    view_perm  the right to see the row at all; without it the answer is 404 rather than 403 (default: `perm`)
    purpose    why it is opened, for the trail; empty when nothing of a client is shown
    related    foreign keys that are read with the row
    columns    expressions that are read with the row
    :raises Http404: not there, not visible, or the id has the wrong form
    :raises PermissionDenied: visible, but not allowed
    """
    rows = model.objects.select_related(*related) if related else model.objects.all()
    public_id = lookup.get("public_id")
    if public_id is not None and not isinstance(public_id, uuid.UUID):
        try:
            lookup["public_id"] = uuid.UUID(str(public_id))
        except ValueError:
            raise Http404(NOT_HERE) from None
    found: M | None = next(iter(rows.permitted(user, perm).annotate(**(columns or {})).filter(**lookup)[:1]), None)
    if found is None:
        if view_perm is not None and rows.permitted(user, view_perm).filter(**lookup).exists():
            raise PermissionDenied(perm)
        raise Http404(NOT_HERE)
    if purpose:
        audit.viewed(found, purpose=purpose)
    return found


def why_visible(row: ClinicOwned, user: User, perm: str) -> list[Reach]:
    """Return by which reaches the person sees this row: the same conditions as `permitted`, asked one by one."""
    model = type(row)
    found = []
    for reach in sorted(user.reaches(perm, active_clinic_id())):
        condition = model.reach_condition(reach, user)
        if reach is Reach.CLINIC or (condition is not None and model.objects.filter(condition, pk=row.pk).exists()):
            found.append(reach)
    return found


class ClinicBackend:
    """Answers `user.has_perm(perm, row)` by asking the list whether it contains the row."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """Return nothing: signing in is allauth's."""
        return

    def get_user(self, user_id: int) -> None:
        """Return nothing: no session is begun here, so none may name this backend."""
        return

    def has_perm(self, user: Any, perm: str, obj: Any = None) -> bool:
        """
        Tell whether the person holds `perm` on a clinic-owned row, or on a clinic.

        A stray guardian row is never enough: for our own rows and rights the answer is final.
        """
        if isinstance(obj, ClinicOwned) and perm.startswith("clinics."):
            if not type(obj).objects.permitted(user, perm).filter(pk=obj.pk).exists():
                raise PermissionDenied
            return True
        if isinstance(obj, Clinic) and perm.startswith("clinics."):
            if not user.may(perm, obj.pk):
                raise PermissionDenied
            return True
        return False
