"""The waiting list: who comes first, the weekly word, help meanwhile, and the offer of a place."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clients.forms.admission import JoinListForm, MeanwhileForm
from clients.models import WaitlistEntry
from clients.rules.teds import INJECTED
from clients.rules.transitions import IllegalMove
from clients.selectors import admission as admission_selectors
from clients.selectors import waitlist as selectors
from clients.selectors.assessments import content_of
from clients.services import admission, waitlist
from clients.views.assessments import CHANGE, SEE, inquiry_of_person
from clinics import audit, drafts, repeat
from clinics.access import find_permitted, require
from clinics.roles import Reach
from clinics.versions import Stale

PERSON = "clinics.view_client"


def waitlist_page(request: Any, clinic_slug: str) -> HttpResponse:
    """List who waits for a place, first come first within the order of the block grant."""
    require(request.user, SEE)
    # Names are for those who may see the people; an administrator's right to inquiries is for the admin.
    require(request.user, PERSON)
    rows = selectors.rows(request.user, request.clinic, timezone.now())
    audit.listed("client", [row.entry.client_id for row in rows], purpose="care")
    context = {
        "clinic": request.clinic,
        "rows": rows,
        "may_change": request.user.may(CHANGE, request.clinic.pk),
        "everybody": Reach.CLINIC in request.user.reaches(PERSON, request.clinic.pk),
    }
    return TemplateResponse(request, "clients/waitlist.html", context)


def waitlist_join(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Put an accepted person on the waiting list."""
    inquiry = inquiry_of_person(request, public_id, CHANGE)
    signed = admission_selectors.last_signed(inquiry)
    injects = signed is not None and any(one.route == INJECTED for one in content_of(signed).substances)
    initial = {"pregnant": inquiry.pregnant, **({"injects": "yes"} if injects else {})}
    form = JoinListForm(request.POST or None, initial=initial)
    refused, status = "", 422 if form.is_bound else 200
    if form.is_valid():
        data = dict(form.cleaned_data)
        try:
            repeat.once(
                user=request.user, key=data.pop(repeat.FIELD), route=f"waitlist_join:{inquiry.public_id}",
                body=repeat.form_body(request.POST),
                act=lambda: admission.put_on_list(inquiry=inquiry, by=request.user, now=timezone.now(), **data),
            )  # fmt: skip
        except repeat.OtherBody as error:
            form.add_error(None, str(error))
        except IllegalMove as error:
            refused, status = str(error), 409
        else:
            messages.success(request, _("They are on the waiting list."))
            return redirect("waitlist", clinic_slug)
    context = {"clinic": request.clinic, "inquiry": inquiry, "form": form, "refused": refused}
    return TemplateResponse(request, "clients/waitlist_join.html", context, status=status)


@require_POST
def waitlist_check_in(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Record that somebody who waits was asked how they are."""
    entry = _find(request, public_id)
    try:
        waitlist.check_in(entry=entry, version=_version(request), by=request.user, now=timezone.now())
    except (Stale, waitlist.NotWaiting) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The check-in is recorded. The next is owed in a week."))
    return redirect("waitlist", clinic_slug)


@require_POST
def waitlist_offer(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Offer a place: they are accepted again, and the admission can be made ready."""
    entry = _find(request, public_id)
    try:
        inquiry = admission.offer_slot(
            entry=entry, version=_version(request), by=request.user, now=timezone.now()
        )  # fmt: skip
    except (Stale, waitlist.NotWaiting, IllegalMove) as error:
        messages.error(request, str(error))
        return redirect("waitlist", clinic_slug)
    messages.success(request, _("The place is offered. They can be admitted now."))
    return redirect("inquiry_detail", clinic_slug, inquiry.public_id)


def waitlist_meanwhile(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Write down help that was offered until a place is free, and what they said."""
    entry = _find(request, public_id)
    key = f"waitlist_meanwhile:{entry.public_id}"
    form = MeanwhileForm(request.POST or None)
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    if form.is_valid():
        data = dict(form.cleaned_data)
        try:
            repeat.once(
                user=request.user, key=data.pop(repeat.FIELD), route=key, body=repeat.form_body(request.POST),
                act=lambda: waitlist.offer_meanwhile(entry=entry, by=request.user, **data),
            )  # fmt: skip
        except (repeat.OtherBody, waitlist.NotWaiting) as error:
            form.add_error(None, str(error))
        else:
            drafts.settle(user=request.user, key=key)
            messages.success(request, _("The offer is written down."))
            return redirect("waitlist", clinic_slug)
    context = {"clinic": request.clinic, "entry": entry, "form": form, "draft": draft}
    return TemplateResponse(
        request, "clients/waitlist_meanwhile.html", context, status=422 if form.is_bound else 200
    )  # fmt: skip


def _find(request: Any, public_id: str) -> WaitlistEntry:
    entry = find_permitted(
        WaitlistEntry, request.user, CHANGE, view_perm=SEE, related=("client", "inquiry"), public_id=public_id,
        purpose="care",
    )  # fmt: skip
    entry.clinic = entry.client.clinic = entry.inquiry.clinic = request.clinic
    return entry


def _version(request: Any) -> int:
    """Return the version that the list was shown with; 0, which none has, when it is none."""
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0
