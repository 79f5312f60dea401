"""Where a person lands, the palette's answers, and the choices kept in cookies."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from clinics.models import Clinic
from clinics.models.people import Membership

COOKIE_SECONDS = 365 * 24 * 3600


def start(request: Any) -> HttpResponse:
    """Go to the person's clinic, or let them choose one."""
    clinics = Clinic.objects.filter(
        pk__in=Membership.objects.active().filter(user=request.user).values("clinic_id"), is_active=True
    )
    found = list(clinics)
    if len(found) == 1:
        return redirect("home", found[0].slug)
    return TemplateResponse(request, "clinics/choose.html", {"clinics": found})


def home(request: Any, clinic_slug: str) -> HttpResponse:
    """Go to the first link of the person's rail."""
    raise Http404


def find(request: Any, clinic_slug: str) -> HttpResponse:
    """Answer the palette."""
    raise Http404


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep theme and single-key choice in cookies, so that pages are drawn right the first time."""
    response = redirect(request.POST.get("next") or "start")
    return response
