"""The practice room and the page of one coded transcript."""

from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse

from clinics import audit
from clinics.access import require
from clinics.paging import page_or_404
from sessions.models import PracticeSet
from sessions.selectors import transcripts as selectors

MOST_DIGITS = 6


def practice_room(request: Any, clinic_slug: str) -> HttpResponse:
    """List the demonstrations, by the order they came in; one set at a time where `set` names one."""
    require(request.user, "clinics.view_practice")
    sets = list(PracticeSet.objects.permitted(request.user, "clinics.view_practice"))
    chosen = next((one for one in sets if one.key == request.GET.get("set")), None)
    rows = selectors.practice_transcripts(request.user)
    page = page_or_404(request, rows.filter(practice_set=chosen) if chosen else rows, ("id",))
    audit.listed(
        "practice", [], purpose=selectors.PRACTICE, detail={"transcripts": [str(one.public_id) for one in page.rows]}
    )
    before, after = page.urls(request)
    context = {
        "clinic": request.clinic,
        "rows": page.rows,
        "before_url": before,
        "after_url": after,
        "sets": sets,
        "chosen": chosen,
        "may_import": request.user.may("clinics.import_practice", request.clinic.pk),
        "may_see_figures": request.user.may("clinics.view_clinic_fidelity", request.clinic.pk),
    }
    return TemplateResponse(request, "sessions/practice_room.html", context)


def transcript_detail(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show a transcript with the codes and scores of one coding, read-only."""
    transcript = selectors.find_transcript(request.user, public_id)
    page = selectors.transcript_page(
        request.user,
        request.clinic,
        transcript,
        coding_id=request.GET.get("coding", ""),
        start=_number(request.GET.get("from", "")),
    )
    context = {
        "clinic": request.clinic,
        "page": page,
        "may_list_sessions": request.user.may("clinics.write_note", request.clinic.pk),
    }
    return TemplateResponse(request, "sessions/transcript_detail.html", context)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 0
