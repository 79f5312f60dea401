"""Permissions of API views. Imports no view, so that settings can name it."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from clinics.api.authentication import token_of
from clinics.tenancy import entered_clinic_id


class DenyAll(BasePermission):
    """The default: a view says itself what it needs."""

    message = "This address does not say who may use it."

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return False."""
        return False


class HoldsRight(BasePermission):
    """
    Lets in who holds the view's right in the entered clinic.

    The view names it in `rights = {"GET": "clinics.view_client", …}`. A token must also carry it as a scope.
    """

    message = "You may not do this here."

    def has_permission(self, request: Request, view: Any) -> bool:
        """Tell whether the person, and the token if one is used, hold the right for this method."""
        perm = view.rights.get("GET" if request.method in ("HEAD", "OPTIONS") else request.method)
        clinic_id = entered_clinic_id()
        if perm is None or clinic_id is None or not request.user.is_authenticated:
            return False
        token = token_of(request)
        if token is not None and perm.removeprefix("clinics.") not in token.scopes:
            self.message = f"This token lacks the scope {perm.removeprefix('clinics.')}."
            return False
        return bool(request.user.may(perm, clinic_id))
