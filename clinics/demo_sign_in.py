"""The demonstration's second factors, shown on its sign-in pages. Outside the demonstration there is nothing here."""

from dataclasses import dataclass
from typing import Any

from allauth.account.internal.stagekit import get_pending_stage
from allauth.mfa.models import Authenticator
from django.conf import settings

from clinics.models import User
from clinics.models.people import Membership
from clinics.roles import ROLE_LABELS, Role
from clinics.second_factor import current_code

MOST = 40
FIRST_STEP, SECOND_STEP = frozenset({"account_login"}), frozenset({"mfa_authenticate", "mfa_reauthenticate"})


@dataclass(frozen=True)
class DemoCode:
    """One line: whose sign-in it is, and six digits that work now."""

    label: str
    code: str


def demo_codes(request: Any) -> dict[str, tuple[DemoCode, ...]]:
    """Return the codes for the sign-in pages of the demonstration (a context processor); elsewhere nothing."""
    match = getattr(request, "resolver_match", None)
    if not settings.EVOKE_DEMO or match is None:
        return {}
    if match.url_name in FIRST_STEP:
        return {"demo_codes": _everybody()}
    if match.url_name in SECOND_STEP:
        user = _whose(request)
        code = current_code(user) if user is not None else None
        return {"demo_codes": (DemoCode(user.email, code),) if user is not None and code is not None else ()}
    return {}


def _whose(request: Any) -> User | None:
    if request.user.is_authenticated:
        return User.objects.get(pk=request.user.pk)
    stage = get_pending_stage(request)
    found: User | None = stage.login.user if stage is not None else None
    return found


def _everybody() -> tuple[DemoCode, ...]:
    memberships = (
        Membership.objects.active()
        .filter(clinic__is_active=True, user__is_active=True, user__authenticator__type=Authenticator.Type.TOTP)
        .select_related("user", "clinic")
        .order_by("clinic__name", "role", "user__email")
    )
    lines: dict[str, DemoCode] = {}
    for membership in memberships:
        user = membership.user
        code = current_code(user) if user.email not in lines and len(lines) < MOST else None
        if code is not None:
            label = f"{user.email} · {ROLE_LABELS[Role(membership.role)]} at {membership.clinic.name}"
            lines[user.email] = DemoCode(label, code)
    return tuple(lines.values())
