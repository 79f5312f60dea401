"""Opening a record outside one's reach, in need, and reviewing that."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clients.forms.people import BreakGlassForm, FindRecordForm, ReviewForm
from clients.models import BreakGlass, Client
from clients.selectors import people as selectors
from clients.services import break_glass as services
from clinics import audit, drafts, paging, repeat
from clinics.access import find_permitted, require
from clinics.roles import BREAK_GLASS_MINUTES
from clinics.sign_in_again import reauthentication_required

USE, REVIEW = "clinics.use_break_glass", "clinics.review_break_glass"
REVIEWS_SHOWN = 25


def break_glass_find(request: Any, clinic_slug: str) -> HttpResponse:
    """Find the record of the person in front of one by its exact number; nothing of it is shown."""
    require(request.user, USE)
    form = FindRecordForm(request.POST or None)
    if form.is_valid():
        try:
            client = services.look_up(reference=form.cleaned_data["reference"], by=request.user)
        except services.TooManyLookUps as error:
            form.add_error("reference", str(error))
        else:
            if client is not None and selectors.permits(client, request.user, selectors.VIEW)[0]:
                return redirect("client_detail", clinic_slug, client.public_id)
            if client is not None:
                return redirect("break_glass", clinic_slug, client.public_id)
            form.add_error("reference", _("No record at this clinic has this number. Check each digit."))
    context = {"clinic": request.clinic, "form": form}
    return TemplateResponse(request, "clients/break_glass_find.html", context, status=422 if form.is_bound else 200)


@reauthentication_required
def break_glass(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Open a record for sixty minutes, with a reason. Only the record number is shown before."""
    client = find_permitted(Client, request.user, USE, public_id=public_id)
    client.clinic = request.clinic
    key = f"break_glass:{client.public_id}"
    page_url = reverse("client_detail", args=[clinic_slug, client.public_id])
    if selectors.permits(client, request.user, selectors.VIEW)[0]:
        return redirect(page_url)
    form = BreakGlassForm(request.POST or None)
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    if form.is_valid():
        try:
            repeat.once(
                user=request.user,
                key=form.cleaned_data[repeat.FIELD],
                route=key,
                body=repeat.form_body(request.POST),
                act=lambda: services.break_glass(client=client, reason=form.cleaned_data["reason"], by=request.user),
            )
        except services.ReasonTooShort as error:
            form.add_error(error.field, str(error))
        except (services.AlreadyVisible, repeat.OtherBody) as error:
            form.add_error(None, str(error))
        else:
            drafts.settle(user=request.user, key=key)
            return redirect(page_url)
    context = {
        "clinic": request.clinic,
        "reference": client.reference,
        "form": form,
        "draft": draft,
        "minutes": BREAK_GLASS_MINUTES,
    }
    return TemplateResponse(request, "clients/break_glass.html", context, status=422 if form.is_bound else 200)


def break_glass_reviews(request: Any, clinic_slug: str) -> HttpResponse:
    """List what others opened in need: first what waits for a review, or with `done=1` what had one."""
    require(request.user, REVIEW)
    done = request.GET.get("done") == "1"
    rows = selectors.accesses_to_review(request.user, waiting=not done)
    page = paging.page_or_404(request, rows, ("-id",) if done else ("id",), REVIEWS_SHOWN)
    audit.listed("break_glass", [access.client_id for access in page.rows], purpose="review")
    before_url, after_url = page.urls(request)
    context = {
        "clinic": request.clinic,
        "rows": page.rows,
        "done": done,
        "before_url": before_url,
        "after_url": after_url,
    }
    return TemplateResponse(request, "clients/break_glass_reviews.html", context)


@require_POST
def break_glass_review(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Say whether an access was justified."""
    access = find_permitted(BreakGlass, request.user, REVIEW, public_id=public_id)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["outcome"][0]))
    else:
        try:
            reviewed = services.review(access=access, outcome=form.cleaned_data["outcome"], by=request.user)
        except (services.OwnAccess, services.AlreadyReviewed) as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, _("The review is saved: %(outcome)s.") % {"outcome": reviewed.get_outcome_display().lower()}
            )
    return redirect("break_glass_reviews", clinic_slug)
