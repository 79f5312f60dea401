"""What the frame round a page shows: clinic, switcher, links by right, banners."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from clinics.models import Clinic
from clinics.models.people import Membership
from clinics.roles import ROLE_LABELS, Role
from clinics.shell import Banner, ClinicBadge, ClinicChoice, NavLink, Person, Shell

# (right, label, route, icon, key). A link is shown to who holds the right; the first is where they land.
LINKS: list[tuple[str, str, str, str, str]] = []


def badge(clinic: Clinic) -> ClinicBadge:
    """Return how the shell names a clinic."""
    return ClinicBadge(clinic.name, clinic.initials, clinic.colour)


def links_for(user: Any, clinic: Clinic, path: str = "") -> tuple[NavLink, ...]:
    """Return the links of the rail: from the person's rights, not from role names."""
    found: list[NavLink] = []
    for right, label, route, icon, key in LINKS:
        url = reverse(route, args=[clinic.slug])
        if user.may(f"clinics.{right}", clinic.pk) and url not in {link.url for link in found}:
            found.append(NavLink(label, url, icon, path.startswith(url), key))
    return tuple(found)


def shell(request: Any) -> dict[str, Shell]:
    """Return the frame of the page (a context processor)."""
    user, clinic = getattr(request, "user", None), getattr(request, "clinic", None)
    theme = request.COOKIES.get("theme", "auto")
    common: dict[str, Any] = {
        "theme": theme if theme in ("auto", "light", "dark") else "auto",
        "single_keys": request.COOKIES.get("single_keys", "1") != "0",
        "demo": settings.EVOKE_DEMO,
    }
    if user is None or not user.is_authenticated:
        return {"shell": Shell(None, (), (), None, None, (), (), **common)}
    account = (NavLink("Sign-in and security", reverse("mfa_index"), "shield", False),)
    memberships = Membership.objects.active().filter(user=user, clinic__is_active=True).select_related("clinic")
    by_clinic: dict[Clinic, list[str]] = {}
    for membership in memberships.order_by("clinic__name", "role"):
        by_clinic.setdefault(membership.clinic, []).append(ROLE_LABELS[Role(membership.role)])
    choices = tuple(
        ClinicChoice(badge(c), _same_page(request, c), clinic is not None and c.pk == clinic.pk) for c in by_clinic
    )
    if clinic is None:
        return {"shell": Shell(None, choices, (), None, Person(user.name, user.initials, ""), (), account, **common)}
    title = user.credentials or " and ".join(by_clinic.get(clinic, []))
    banners: tuple[Banner, ...] = ()
    return {
        "shell": Shell(
            badge(clinic), choices, links_for(user, clinic, request.path), reverse("find", args=[clinic.slug]),
            Person(user.name, user.initials, title), banners, account, **common,
        )
    }  # fmt: skip


def _same_page(request: Any, clinic: Clinic) -> str:
    """Return the address of this page at another clinic, without its object; the start page where it has one."""
    match = request.resolver_match
    if match is not None and set(match.kwargs) == {"clinic_slug"} and match.url_name:
        return reverse(match.view_name, args=[clinic.slug])
    return reverse("home", args=[clinic.slug])
