"""The hours in which a therapist can be booked."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from clients.forms.calendar import HoursForm
from clients.rules.clock import civil_date
from clients.rules.dates import ImpossibleDate
from clients.rules.slots import BadHours
from clients.selectors import calendar as selectors
from clients.services import calendar
from clients.services.caseload import NotATherapist
from clients.views.calendar import therapist_of
from clinics import drafts
from clinics.access import NOT_HERE, require

VIEW, CHANGE = selectors.VIEW, selectors.CHANGE


def hours_edit(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Set the hours in which a therapist can be booked, from a day on."""
    user, clinic, now = request.user, request.clinic, timezone.now()
    require(user, VIEW)
    therapist = therapist_of(selectors.staff_reached(user, clinic, VIEW), public_id)
    if therapist is None:
        raise Http404(NOT_HERE)
    if not selectors.staff_reached(user, clinic, CHANGE).filter(pk=therapist.pk).exists():
        raise PermissionDenied(CHANGE)
    today, key = civil_date(now, ZoneInfo(clinic.time_zone)), f"hours_edit:{therapist.public_id}"
    current = tuple(selectors.hours_of([therapist], today, None))
    # The newest week, without an end; an older one that still holds ends the day before it begins.
    kept = [selectors.span_of(row) for row in current if row.until_on is None]
    form = HoursForm(request.POST or None, spans=kept, initial={"from_on": today, "seen": selectors.stamp(current)})
    draft = drafts.open_into(form, user=user, clinic=clinic, key=key)
    changed = False
    if form.is_valid():
        try:
            calendar.set_hours(
                clinic=clinic, therapist=therapist, spans=form.spans, from_on=form.cleaned_data["from_on"],
                seen=form.cleaned_data["seen"], by=user, now=now,
            )  # fmt: skip
        except BadHours as error:
            form.refuse(error.weekday, str(error))
        except ImpossibleDate as error:
            form.add_error("from_on", str(error))
        except NotATherapist as error:
            form.add_error(None, str(error))
        except calendar.HoursChanged as error:
            data: Any = form.data
            data = data.copy()
            data["seen"] = selectors.stamp(error.current)
            form.data = data
            current, changed = error.current, True
            form.add_error(None, str(error))
        else:
            drafts.settle(user=user, key=key)
            messages.success(request, _("The hours are saved."))
            return redirect("calendar_week", clinic_slug)
    context = {
        "clinic": clinic,
        "therapist": therapist,
        "own": therapist == user,
        "form": form,
        "draft": draft,
        # Where the form does not say it all: a week that ends, or hours that somebody else set.
        "current": [{"day": WEEKDAYS[row.weekday], "hours": row} for row in current]
        if changed or any(row.until_on for row in current)
        else [],
        "back_url": reverse("calendar_week", args=[clinic_slug]),
    }
    return TemplateResponse(request, "clients/hours_edit.html", context, status=422 if form.is_bound else 200)
