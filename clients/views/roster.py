"""Who is on call, now and later; planning a shift, and ending it."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clients.forms.calendar import ShiftForm
from clients.forms.inquiries import shown_in
from clients.rules.shifts import BadShift
from clients.selectors import roster as selectors
from clients.selectors.roster import PLAN, VIEW
from clients.services import roster as services
from clinics import drafts, paging, repeat
from clinics.access import NOT_HERE, require

DRAFT = "roster"


def roster(request: Any, clinic_slug: str) -> HttpResponse:
    """Show who is on call now and who will be; who plans it puts somebody on call."""
    require(request.user, VIEW)
    clinic, now = request.clinic, timezone.now()
    plans = selectors.plans(request.user, clinic.pk)
    if request.method == "POST" and not plans:
        raise PermissionDenied(PLAN)
    form = draft = None
    if plans:
        zone = ZoneInfo(clinic.time_zone)
        day, at = shown_in(now + timedelta(hours=1), zone)
        initial = {
            "start_on": day,
            "start_time": at.replace(minute=0),
            "end_on": day + timedelta(days=1),
            "end_time": at.replace(minute=0),
        }
        form = ShiftForm(request.POST or None, clinic=clinic, initial=initial)
        draft = drafts.open_into(form, user=request.user, clinic=clinic, key=DRAFT)
        if form.is_valid() and _planned(request, form, now):
            drafts.settle(user=request.user, key=DRAFT)
            messages.success(request, _("The shift is planned."))
            return redirect("roster", clinic_slug)
    page = paging.page_or_404(request, selectors.shifts_ahead(), ("starts_at", "id"))
    before_url, after_url = page.urls(request)
    context = {
        "clinic": clinic,
        "now": now,
        "on_call": selectors.on_call(clinic.pk),
        "shifts": page.rows,
        "plans": plans,
        "form": form,
        "draft": draft,
        "before_url": before_url,
        "after_url": after_url,
    }
    status = 422 if form is not None and form.is_bound else 200
    return TemplateResponse(request, "clients/roster.html", context, status=status)


@require_POST
def shift_end(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """End a shift that runs, or take back one that is still to come."""
    require(request.user, VIEW)
    shift = selectors.shift_of(public_id)
    if shift is None:
        raise Http404(NOT_HERE)
    if not selectors.plans(request.user, request.clinic.pk):
        raise PermissionDenied(PLAN)
    try:
        ran = services.end_shift(shift=shift, by=request.user, now=timezone.now())
    except BadShift as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The shift is ended.") if ran else _("The shift is taken back."))
    return redirect("roster", clinic_slug)


def _planned(request: Any, form: ShiftForm, now: Any) -> bool:
    """Plan the shift of a valid form; False with the refusal said beside its field."""
    starts_at, ends_at = form.times
    try:
        repeat.once(
            user=request.user, key=form.cleaned_data[repeat.FIELD], route="roster",
            body=repeat.form_body(request.POST),
            act=lambda: services.plan_shift(
                clinic=request.clinic, user=form.cleaned_data["user"], starts_at=starts_at, ends_at=ends_at,
                by=request.user, now=now,
            ),
        )  # fmt: skip
    except BadShift as error:
        form.add_error(form.places[error.field], str(error))
        return False
    except repeat.OtherBody as error:
        form.add_error(None, str(error))
        return False
    return True
