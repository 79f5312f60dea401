"""What a person asks to be kept back: written down by who talks with them, decided by the privacy officer."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.forms.disclosure import RestrictionDecisionForm, RestrictionEndForm, RestrictionForm
from clients.models import Restriction
from clients.rules.consent_terms import CATEGORY_LABELS, Category
from clients.selectors.consents import CAPTURE, VIEW
from clients.services import restrictions
from clients.views.persons import find_person
from clinics import drafts, repeat
from clinics.access import find_permitted
from clinics.versions import Stale

DECIDE = "clinics.decide_restriction"


def restriction_create(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Write down what a person asks to be kept back. Nothing is kept back before it is agreed to."""
    client = find_person(request, public_id, CAPTURE)
    key = f"restriction_create:{client.public_id}"
    form = RestrictionForm(request.POST if request.method == "POST" else None)
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    back = reverse("consent_list", args=[clinic_slug, client.public_id])
    if form.is_valid():
        data = form.cleaned_data
        try:
            repeat.once(
                user=request.user, key=data[repeat.FIELD], route=key, body=repeat.form_body(request.POST),
                act=lambda: restrictions.ask(
                    client=client, recipient=data["recipient"], to_payers=data["from_payers"],
                    self_paid=data["paid_in_full"], categories=data["parts"], words=data["words"], by=request.user,
                ),
            )  # fmt: skip
        except restrictions.NobodyNamed as error:
            form.add_error(error.field, str(error))
        except repeat.OtherBody as error:
            form.add_error(None, str(error))
        else:
            drafts.settle(user=request.user, key=key)
            messages.success(request, _("The request is kept. The privacy officer decides."))
            return redirect(back)
    context = {"clinic": request.clinic, "client": client, "form": form, "draft": draft, "back_url": back}
    return TemplateResponse(request, "clients/restriction_form.html", context, status=422 if form.is_bound else 200)


def restriction_decide(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Agree to a request or not; end what was agreed to."""
    row = find_permitted(
        Restriction, request.user, DECIDE, view_perm=VIEW, public_id=public_id, purpose="privacy", related=("client",)
    )
    row.clinic = row.client.clinic = request.clinic
    in_force = row.state == Restriction.State.AGREED
    form_class = RestrictionEndForm if in_force else RestrictionDecisionForm
    form = form_class(request.POST if request.method == "POST" else None, initial={"version": row.version})
    if form.is_valid():
        data = form.cleaned_data
        how: dict[str, Any] = {
            "restriction": row, "version": data["version"], "note": data["note"], "by": request.user,
            "now": timezone.now(),
        }  # fmt: skip
        try:
            if in_force:
                restrictions.end(**how)
            else:
                restrictions.decide(agreed=data["state"] == "agreed", **how)
        except (restrictions.NoReason, restrictions.MustAgree) as error:
            form.add_error(error.field, str(error))
        except (restrictions.Decided, Stale) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The decision is saved."))
            return redirect("consent_list", clinic_slug, row.client.public_id)
    context = {
        "clinic": request.clinic,
        "client": row.client,
        "row": row,
        "categories": [CATEGORY_LABELS[one] for one in Category if one.value in row.categories],
        "form": form,
        "open": row.state in (Restriction.State.ASKED, Restriction.State.AGREED),
        "in_force": in_force,
        "back_url": reverse("consent_list", args=[clinic_slug, row.client.public_id]),
    }
    return TemplateResponse(request, "clients/restriction_decide.html", context, status=422 if form.is_bound else 200)
