"""The list of sessions."""

from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from clinics import audit
from clinics.access import require
from clinics.paging import page_or_404
from sessions.selectors import listing


def session_list(request: Any, clinic_slug: str) -> HttpResponse:
    """List the person's own sessions and those of the people they supervise, newest first."""
    require(request.user, "clinics.view_note")
    unsigned = request.GET.get("show") == "unsigned"
    page = page_or_404(request, listing.listed_sessions(request.user, unsigned=unsigned), listing.ORDER)
    audit.listed("session", (row.client_id for row in page.rows), purpose="care", detail={"unsigned": unsigned})
    newer, older = page.urls(request)
    rows = listing.session_rows(page.rows, user=request.user, now=timezone.now(), zone=timezone.get_current_timezone())
    context = {
        "rows": rows,
        "unsigned": unsigned,
        "team": request.user.may("clinics.cosign_note", request.clinic.pk),
        "newer_url": newer,
        "older_url": older,
    }
    return TemplateResponse(request, "sessions/session_list.html", context)
