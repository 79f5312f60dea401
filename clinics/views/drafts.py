"""Where every form keeps what is being typed."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from clinics import drafts
from clinics.access import NOT_HERE


@require_POST
def draft_save(request: Any, clinic_slug: str, key: str) -> HttpResponse:
    """Keep a draft; the answer has no body, only the clinic's time at which it was kept."""
    if not drafts.KEY.fullmatch(key):
        raise Http404(NOT_HERE)
    try:
        saved_at = drafts.save(user=request.user, key=key, data=request.POST)
    except drafts.BadDraft as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    response = HttpResponse(status=204)
    if saved_at is not None:
        response["X-Saved-At"] = date_format(timezone.localtime(saved_at), "TIME_FORMAT")
    return response


@require_POST
def draft_discard(request: Any, clinic_slug: str, key: str) -> HttpResponse:
    """Throw the person's own draft away and go back to the form, named in `next`."""
    if not drafts.KEY.fullmatch(key):
        raise Http404(NOT_HERE)
    drafts.discard(user=request.user, key=key)
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect("home", clinic_slug)
