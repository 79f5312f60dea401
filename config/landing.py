"""
Where a person lands at a clinic, and *Find or do*: people of the clinic, then what one may do.

Both need the links of the frame, which know every app; so they stand above all of them.
"""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from clients.rules.names import key
from clients.selectors import people as selectors
from clinics import audit
from clinics.models import Clinic
from clinics.shell import PaletteRow
from config.navigation import links_held

MIN_LETTERS = 3
MOST_PEOPLE = 8
MOST_LETTERS = 80


def home(request: Any, clinic_slug: str) -> HttpResponse:
    """Go to the first link of the person's rail; who has none is told so."""
    links = links_held(request.user, request.clinic)
    if links:
        return redirect(links[0].url)
    return TemplateResponse(request, "clinics/home.html", {"clinic": request.clinic})


def find(request: Any, clinic_slug: str) -> HttpResponse:
    """Answer *Find or do*: rows for the palette, or a page of its own without a script."""
    query = " ".join(request.GET.get("q", "")[:MOST_LETTERS].replace("\x00", "").split())
    rows = (*_people(request.user, request.clinic, query), *_actions(request.user, request.clinic, query))
    if request.headers.get("HX-Request") == "true":
        return TemplateResponse(request, "components/_palette_rows.html", {"rows": rows, "options": True})
    return TemplateResponse(
        request, "clinics/find.html", {"rows": rows, "query": query, "find_url": reverse("find", args=[clinic_slug])}
    )


def _people(user: Any, clinic: Clinic, query: str) -> tuple[PaletteRow, ...]:
    """
    Return the people whom the person may see and whose name or record number begins with `query`.

    One event with those who were shown; what was typed is not recorded, it may be a name.
    """
    if len(key(query)) < MIN_LETTERS or not user.reaches(selectors.VIEW, clinic.pk):
        return ()
    found = list(selectors.people(user, search=query).order_by("family_key", "id")[:MOST_PEOPLE])
    audit.listed("client", [client.pk for client in found], purpose="find")
    return tuple(
        PaletteRow(
            "person", client.known_as, client.reference, reverse("client_detail", args=[clinic.slug, client.public_id])
        )
        for client in found
    )


def _actions(user: Any, clinic: Clinic, query: str) -> tuple[PaletteRow, ...]:
    wanted = query.casefold()
    return tuple(
        PaletteRow("action", link.label, "", link.url, f"g {link.key}" if link.key else "")
        for link in links_held(user, clinic)
        if wanted in link.label.casefold()
    )
