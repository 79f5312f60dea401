"""Choosing a clinic, and the choices that are kept in cookies."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_POST

from clinics.models import Clinic
from clinics.models.people import Membership
from clinics.roles import ROLE_LABELS, Role
from clinics.sign_in_again import own_page

COOKIE_SECONDS = 365 * 24 * 3600
THEMES = frozenset({"auto", "light", "dark"})


def start(request: Any) -> HttpResponse:
    """Go to the person's clinic, or let them choose one."""
    memberships = Membership.objects.active().filter(user=request.user, clinic__is_active=True).select_related("clinic")
    roles: dict[Clinic, list[str]] = {}
    for membership in memberships.order_by("clinic__name", "role"):
        roles.setdefault(membership.clinic, []).append(ROLE_LABELS[Role(membership.role)])
    if len(roles) == 1:
        return redirect("home", next(iter(roles)).slug)
    return TemplateResponse(request, "clinics/choose.html", {"clinics": list(roles.items())})


@require_GET
def still_signed_in(request: Any) -> HttpResponse:
    """
    Answer a screen that asks whether its person is still signed in.

    The middleware answers for one who is not: it sends the screen away, so that a record does not stay on it.
    """
    return HttpResponse(status=204)


@require_POST
def preferences(request: Any) -> HttpResponse:
    """Keep theme and single-key choice in cookies, so that pages are drawn right the first time."""
    back = own_page(request, request.POST.get("next")) or own_page(request, request.headers.get("Referer"))
    response = redirect(back or "start")
    theme = request.POST.get("theme")
    for name, value in (
        ("theme", theme if theme in THEMES else "auto"),
        ("single_keys", "1" if "single_keys" in request.POST else "0"),
    ):
        response.set_cookie(
            name, value, COOKIE_SECONDS, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
        )
    return response
